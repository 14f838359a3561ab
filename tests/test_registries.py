"""Every entry of every registry: described, documented, content with nothing, and the same each time."""

import dataclasses
import inspect

import numpy as np
import pytest

from activelearning.backends.training import TRAINERS
from activelearning.core.merging import MERGES, merge_answers
from activelearning.core.pool import Examples, Seeds
from activelearning.core.samplers import SAMPLERS as MINERS
from curation.backends.detect import DETECTORS
from curation.backends.embed import EMBEDDERS, SHAPES
from curation.backends.embed.descriptor import Descriptor
from curation.core.formats import FORMATS
from curation.core.keep import Keep
from curation.core.params import build, schema
from curation.core.sampling.samplers import SAMPLERS
from curation.core.stages import STAGES, Before, Embed
from curation.core.stages.contract import EVER
from curation.core.taggers import FACTORS, TAGGERS
from curation.core.types import Observations, Signals, Span
from evaluation.core.boxes import Evidence, Found, Truths
from evaluation.core.events import FootageEvidence
from evaluation.core.metrics import METRICS
from evaluation.core.metrics.contract import BoxPart, EventPart
from evaluation.core.reports import REPORTS, Extras
from tests import toy_models
from tests.activelearning.core import pools
from tests.activelearning.core.answers import answer, box
from tests.conftest import ROOT
from tests.curation.core.stages.synthetic import NO_TIMES, Film, S, film, no_detector, noisy, room, with_square, work
from tests.curation.core.stages.watched import Truth, stamped, there, ticks
from tests.curation.core.taggers.views import seen, view
from tests.evaluation.records import a_run, an_empty_run

DOC = ROOT / "docs" / "registries.md"
KINDS = {
    "keep": Keep,
    **{f"stage {name}": kind for name, kind in STAGES.items()},
    **{f"tagger {name}": kind for name, kind in TAGGERS.items()},
    **{f"detector {name}": kind.options for name, kind in DETECTORS.items()},
    **{f"sampler {name}": kind for name, kind in SAMPLERS.items()},
    **{f"format {name}": kind for name, kind in FORMATS.items()},
    **{f"metric {name}": kind for name, kind in METRICS.items()},
    **{f"merge {name}": kind for name, kind in MERGES.items()},
    **{f"miner {name}": kind for name, kind in MINERS.items()},
    **{f"trainer {name}": kind for name, kind in TRAINERS.items()},
}
NEEDED = {"detector": "toy:1", "factors": ["lighting"], "over": "lighting", "program": "own", "service": "farm"}
EITHER_OR = {SAMPLERS["quota"]: {"shares": {"people:>0": 40}}, SAMPLERS["weighted"]: {"field": "uniqueness"}}
"""What an entry needs that its schema cannot say: one of two parameters."""


def make(kind):
    """Build an entry with its defaults, and toys for what it cannot do without."""
    needed = {name: NEEDED[name] for name in schema(kind).get("required", [])}
    return build(kind, needed | EITHER_OR.get(kind, {}), where="toy")


@pytest.mark.parametrize("name", KINDS)
def test_every_parameter_is_described_and_its_default_is_valid(name):
    described = schema(KINDS[name])
    assert described["type"] == "object"
    assert all(about["description"].endswith(".") and about["type"] for about in described["properties"].values())
    made = make(KINDS[name])
    assert build(KINDS[name], dataclasses.asdict(made), where=name) == made


# Documentation: the tables are what these functions write. A test that fails shows the lines that belong there.


def about(kind):
    return " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())


def parameters(kind):
    described = schema(kind)["properties"]
    return "<br>".join(f"`{name}`{_default(p)}: {p['description']}" for name, p in described.items()) or "none"


def _default(described):
    if "default" not in described:
        return " (needed)"
    value = described["default"]
    shown = ", ".join(value) if isinstance(value, list) else str(value).lower() if value in (True, False) else value
    unit = f" {described['unit']}" if described.get("unit") else ""
    is_long = isinstance(value, list) and len(value) > 3
    return "" if is_long or value in ([], {}, "", None) else f" = {shown}{unit}"


def rows():
    for name, kind in STAGES.items():
        yield f"| `{name}` | {about(kind)} | {parameters(kind)} |"
    for name, kind in TAGGERS.items():
        factors = ", ".join(f"`{factor.name}`" for factor in kind.factors)
        yield f"| `{name}` | {factors} | {about(kind)} | {parameters(kind)} |"
    for name, detector in DETECTORS.items():
        yield f"| `{name}:WEIGHTS` | {about(detector.load)} | {parameters(detector.options)} |"
    for name, embedder in EMBEDDERS.items():
        yield f"| `{SHAPES[name]}` | {about(Descriptor if name == 'descriptor' else embedder)} |"
    for name, sampler in SAMPLERS.items():
        yield f"| `{name}` | {about(sampler)} | {parameters(sampler)} |"
    for name, kind in FORMATS.items():
        way = " and ".join(word for word, can in (("in", kind.reads), ("out", kind.writes)) if can)
        yield f"| `{name}` | {way} | {about(kind)} | {parameters(kind)} |"
    for name, kind in METRICS.items():
        over = "frames" if kind.source == "boxes" else "footage"
        better = f"{'higher' if kind.is_higher_better else 'lower'}{f', {kind.unit}' if kind.unit else ''}"
        yield f"| `{name}` | {over} | {better} | {about(kind)} | {parameters(kind)} |"
    for name, report in REPORTS.items():
        yield f"| `{name}` | {report.media_type} | {about(report.render)} |"
    for name, miner in MINERS.items():
        needs = ", ".join(sorted(miner.needs)).replace("_", " ") or "nothing"
        yield f"| `{name}` | {needs} | {about(miner)} | {parameters(miner)} |"
    for name, merge in MERGES.items():
        yield f"| `{name}` | {about(merge)} | {parameters(merge)} |"
    for name, trainer in TRAINERS.items():
        base = ", ".join(trainer.reads_base) or "it is told of it"
        yield f"| `{name}` | {base} | {about(trainer)} | {parameters(trainer)} |"


def test_the_page_of_registries_says_what_the_code_says():
    written = [line for line in DOC.read_text().splitlines() if line.startswith("| `")]
    expected = list(rows())
    assert written == expected, "docs/registries.md should hold these lines:\n" + "\n".join(expected)


def test_the_page_names_every_factor():
    page = DOC.read_text()
    assert [name for name in FACTORS if f"`{name}`" not in page] == []


# Stages.

FILTERS = [name for name, kind in STAGES.items() if kind is not Embed]


def same(left, right):
    assert type(left) is type(right)
    assert left.pts_us.tolist() == right.pts_us.tolist()
    if isinstance(left, Signals):
        assert {n: v.tolist() for n, v in left.values.items()} == {n: v.tolist() for n, v in right.values.items()}
    else:
        assert (left.scores.tolist(), left.boxes) == (right.scores.tolist(), right.boxes)


def test_a_stage_that_keeps_no_stretches_stands_behind_those_that_do():
    assert [name for name in STAGES if name not in FILTERS] == ["embed"]


@pytest.mark.parametrize("name", FILTERS)
def test_a_stage_is_content_with_footage_of_nothing(name):
    stage = make(STAGES[name])
    before = Before([EVER], NO_TIMES, NO_TIMES, follows_dense=True)
    track = stage.look(work(Film([]), Span(0, S), before=before, load_detector=no_detector))
    assert isinstance(track, Signals if stage.is_dense else Observations)
    assert len(track.pts_us) == 0
    assert stage.settle(track, before, end_us=S) == []
    assert len(stage.pass_on(track, [])) == len(stage.keepers(track, [])) == 0


@pytest.mark.parametrize("name", FILTERS)
def test_a_stage_sees_the_same_each_time(name):
    stage = make(STAGES[name])
    if stage.is_dense:
        footage, times = film(lambda t_s: noisy(with_square(room(), 50 * t_s), t_s), seconds=6), NO_TIMES
    else:
        footage, times = stamped(6), ticks(stamped(6))
    before = Before([EVER], times, NO_TIMES, follows_dense=True)
    tracks = [
        stage.look(work(Film(footage.pictures), before=before, load_detector=lambda _: Truth(there((1, 4)))))
        for _ in range(2)
    ]
    same(*tracks)
    found = [stage.settle(track, before, end_us=6 * S) for track in tracks]
    assert found[0] == found[1] != []


# Taggers.


@pytest.mark.parametrize("name", TAGGERS)
@pytest.mark.parametrize("frame", [view(), view(**seen())], ids=["nothing known", "nothing seen"])
def test_a_tagger_is_content_with_a_frame_of_which_nothing_is_known(name, frame):
    tagger = make(TAGGERS[name])
    tags = tagger.tag(frame)
    assert {tag.factor for tag in tags} <= {factor.name for factor in tagger.factors}
    assert tagger.tag(frame) == tags
    for tag in tags:
        assert tag.source in ("tagger", "rule", "model")
        assert FACTORS[tag.factor].values == () or tag.value in FACTORS[tag.factor].values


# Detectors and embedders: loaded twice, each time anew.

HEAVY = pytest.mark.slow
TOY_DETECTORS = {
    "ultralytics": toy_models.ultralytics,
    "nanodet_onnx": toy_models.nanodet,
    "yolox_onnx": toy_models.yolox,
}
TOY_EMBEDDERS = {
    "descriptor": lambda folder: "",
    "onnx": toy_models.backbone,
    "ultralytics": toy_models.ultralytics,
    "clip": toy_models.clip,
}
LIGHT = ("descriptor", "onnx", "nanodet_onnx", "yolox_onnx")


def each(registry):
    return [name if name in LIGHT else pytest.param(name, marks=HEAVY) for name in registry]


@pytest.fixture
def offline(tmp_path, monkeypatch):
    monkeypatch.setenv("YOLO_OFFLINE", "true")
    monkeypatch.setenv("WINNOW_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def pictures():
    chance = np.random.default_rng(0)
    return [chance.integers(0, 256, (40 + 30 * n, 60, 3), np.uint8) for n in range(3)]


@pytest.mark.parametrize("name", each(DETECTORS))
def test_a_detector_is_content_with_no_picture_and_finds_the_same_each_time(name, offline):
    kind, weights = DETECTORS[name], TOY_DETECTORS[name](offline)
    options = kind.options(classes=["person", "jacket"]) if name.endswith("_onnx") else kind.options()
    one, other = (kind.load(weights, options) for _ in range(2))
    assert one.detect([], min_score=0.3) == []
    found = one.detect(pictures(), min_score=0.001)
    assert len(found) == 3
    assert found == other.detect(pictures(), min_score=0.001)
    for boxes in found:
        assert {box.label for box in boxes} <= set(one.labels)
        assert [box.score for box in boxes] == sorted((box.score for box in boxes), reverse=True)


@pytest.mark.parametrize("name", each(EMBEDDERS))
def test_an_embedder_is_content_with_no_picture_and_gives_the_same_unit_vectors_each_time(name, offline):
    weights = str(TOY_EMBEDDERS[name](offline))
    one, other = (EMBEDDERS[name](weights) for _ in range(2))
    assert one.embed_pictures([]).shape == (0, one.dimension)
    vectors = one.embed_pictures(pictures())
    assert vectors.shape == (3, one.dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert np.array_equal(vectors, other.embed_pictures(pictures()))
    assert one.version == other.version


# Metrics.


def nothing_of(source):
    """Evidence of three groups in which there is nothing."""
    none, boxes = np.zeros(0, np.int64), np.zeros((0, 4))
    if source == "events":
        return EventPart(FootageEvidence((), none, 3), np.zeros(0, bool))
    truths = Truths(none, none, boxes, np.zeros(0), np.zeros(0, bool), np.zeros(0, bool))
    evidence = Evidence(("person",), np.arange(3), 3, truths, Found(none, none, boxes, np.zeros(0)))
    return BoxPart(evidence, np.ones(3, bool))


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_content_with_nothing_and_measures_the_same_each_time(name):
    kind = METRICS[name]
    metric = build(kind, {"score": 0.5} if "score" in schema(kind)["properties"] else {}, where="toy")
    assert (metric.kind, metric.source in ("boxes", "events"), bool(metric.title)) == (name, True, True)
    part = nothing_of(kind.source)
    figures = metric.measure(part, np.ones((4, 3), np.int32))
    assert figures.shape == (4,)
    assert np.isnan(figures).all() or name == "count_error"
    assert np.array_equal(figures, metric.measure(part, np.ones((4, 3), np.int32)), equal_nan=True)
    assert metric.support(part).instances == 0


# Reports.


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_content_with_a_run_of_nothing_and_says_the_same_each_time(name):
    report = REPORTS[name]
    assert (report.suffix[0], "/" in report.media_type) == (".", True)
    for run in (an_empty_run(), a_run()):
        assert report.render(run, Extras()) == report.render(run, Extras()) != ""


# Samplers of rounds.


def some_footage():
    """Six frames of a video in which one thing flickers, in the eyes of two models."""
    seen = [(frame, "person", score) for frame, score in enumerate([0.9, 0.3, 0.8, 0.6, 0.45])]
    vectors = pools.unit(*[(1, 0.1 * frame, 0) for frame in range(6)])
    looked = pools.pool(
        6,
        pools.boxes(*seen, vectors=vectors[:5]),
        others={"": pools.boxes(*seen[::2])},
        tags={"light": ["day", "night", "day", "night", "day", "night"]},
        vectors=vectors,
    )
    taught = Examples(
        scenario=["dark"] * 12,
        kind=["missed", "other"] * 6,
        label=["person"] * 12,
        score=np.array([0.3, 0.9] * 6),
        xyxy=np.array([(0.0, 0, 10, 10)] * 12),
        seed=np.array([0, -1] * 6),
        vectors=pools.unit(*[(1, 0.1, 0), (1, 0, 0)] * 6),
    )
    looks = pools.unit((1, 0, 0))
    return looked, dataclasses.replace(
        pools.seeds(("missed", "dark"), box_vectors=looks, frame_vectors=looks), examples=taught
    )


@pytest.mark.parametrize("name", MINERS)
def test_a_sampler_of_rounds_is_content_with_nothing_and_wants_the_same_each_time(name):
    sampler = make(MINERS[name])
    assert (sampler.kind, sampler.share) == (name, 1.0)
    empty = sampler.propose(pools.pool(0), Seeds.none(), seed=0)
    assert (len(empty.score), sum(len(part.rows) for part in empty.parts)) == (0, 0)
    footage = some_footage()
    one, other = (sampler.propose(*footage, seed=3) for _ in range(2))
    assert np.array_equal(one.score, other.score, equal_nan=True)
    assert [part.rows.tolist() for part in one.parts] == [part.rows.tolist() for part in other.parts]
    wanted = [(int(row), number) for number, part in enumerate(one.parts) for row in part.rows]
    assert wanted
    assert [one.why(*at) for at in wanted] == [other.why(*at) for at in wanted]


# Policies of merging.


@pytest.mark.parametrize("name", MERGES)
def test_a_policy_of_merging_is_content_with_no_answer_and_comes_to_the_same_each_time(name):
    merge = make(MERGES[name])
    assert (merge.kind, merge_answers([], merge).boxes) == (name, ())
    two = [answer("ada", box(), box(50)), answer("bob", box(1))]
    assert merge_answers(two, merge) == merge_answers(two, merge)
