from concurrent.futures import ThreadPoolExecutor

import pytest

from config.secret import read_or_create


def test_a_secret_is_made_once_and_private(tmp_path):
    path = tmp_path / "secrets" / "secret_key"
    first = read_or_create(path)
    assert len(first) >= 50
    assert read_or_create(path) == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_processes_that_start_together_agree(tmp_path):
    path = tmp_path / "secret_key"
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: read_or_create(path), range(32)))
    assert len(found) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["secret_key"]


def test_an_empty_secret_is_refused(tmp_path):
    path = tmp_path / "secret_key"
    path.touch()
    with pytest.raises(ValueError, match="is empty"):
        read_or_create(path)
