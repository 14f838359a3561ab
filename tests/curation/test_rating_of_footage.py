"""The usual thresholds on real footage: standing still is one frame, another person is another frame."""

import json

import cv2
import numpy as np
import pytest

from curation.backends.embed import load_embedder
from curation.core.neighbour_index import NeighbourIndex
from curation.core.phash import phash
from curation.core.rating import Nearness, Rater

pytestmark = pytest.mark.slow
EVERY = 5
"""Two frames a second."""


@pytest.fixture(scope="module")
def visits(shared_data):
    """Return the time of each frame, its leader, and the visits: six people before the same wall, one by one."""
    video = shared_data / "videos" / "one-by-one-person-detection.mp4"
    times, pictures = [], []
    capture = cv2.VideoCapture(str(video))
    while capture.grab():
        if round(capture.get(cv2.CAP_PROP_POS_FRAMES)) % EVERY == 0:
            pictures.append(cv2.cvtColor(capture.retrieve()[1], cv2.COLOR_BGR2RGB))
            times.append(capture.get(cv2.CAP_PROP_POS_MSEC) / 1e3)
    vectors = load_embedder("descriptor").embed_pictures(pictures)
    vectors = vectors - vectors.mean(axis=0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    hashes = np.array([phash(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)) for picture in pictures])
    index = NeighbourIndex(vectors.shape[1], rows=len(vectors), sample=vectors)
    index.add(vectors)
    leader = Rater(index, nearness=Nearness()).rate(vectors, hashes).leader
    truth = json.loads(video.with_suffix(".truth.json").read_text())
    return np.array(times), leader, truth["intervals"], truth["tolerance_s"]


def test_half_of_the_frames_of_people_who_stand_still_are_duplicates(visits):
    times, leader, _, _ = visits

    share = np.mean(leader != np.arange(len(leader)))

    assert len(times) > 250
    assert 0.5 < share < 0.9


def test_no_person_is_a_duplicate_of_another_or_of_the_empty_room(visits):
    times, leader, intervals, tolerance_s = visits
    inside = np.full(len(times), -1)
    for number, (start_s, end_s) in enumerate(intervals):
        inside[(times > start_s + tolerance_s) & (times < end_s - tolerance_s)] = number
    surely_empty = np.all([(times < a - tolerance_s) | (times > b + tolerance_s) for a, b in intervals], axis=0)

    people = np.flatnonzero((inside >= 0) & (inside[leader] >= 0))
    assert len(people) > 150
    assert (inside[people] == inside[leader[people]]).all()
    assert not surely_empty[leader[inside >= 0]].any()
