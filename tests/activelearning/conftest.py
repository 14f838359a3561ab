"""What tests of active learning share."""

import pytest

from tests.activelearning.lessons import put_tiny_network


@pytest.fixture
def school(tmp_path, monkeypatch, settings, media):
    """A data folder of the test's own with a tiny network, and no way to the net; returns the folder."""
    settings.WINNOW_DATA_DIR = tmp_path / "data"
    monkeypatch.setenv("WINNOW_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("WINNOW_WEIGHTS_DIR", str(tmp_path / "weights"))
    monkeypatch.setenv("YOLO_OFFLINE", "true")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    put_tiny_network(tmp_path / "weights")
    return tmp_path
