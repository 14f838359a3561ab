"""Files in a local folder and in a bucket."""

import hashlib

import boto3
import pytest
from moto.server import ThreadedMotoServer

from config import env
from curation.backends import storage
from curation.backends.storage import ContentChanged

CONTENT = bytes(range(256)) * 9000  # more than one block
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(scope="module")
def s3_server():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_server, settings, monkeypatch, tmp_path):
    """A bucket, set as a person sets it; WINNOW_DATA_DIR holds what is fetched from it."""
    for name, value in {
        "WINNOW_S3_BUCKET": "footage", "WINNOW_S3_ENDPOINT": s3_server, "WINNOW_S3_REGION": "us-east-1",
        "WINNOW_S3_ACCESS_KEY": "key", "WINNOW_S3_SECRET_KEY": "secret", "WINNOW_S3_PREFIX": "winnow",
        "WINNOW_S3_ADDRESSING": "path",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    client = boto3.client(
        "s3", endpoint_url=s3_server, region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="secret"
    )
    client.create_bucket(Bucket="footage")
    settings.WINNOW_DATA_DIR = tmp_path / "data"
    settings.STORAGES = {**settings.STORAGES, "default": env.storage(tmp_path / "media", url_ttl_s=60)}
    yield client
    for found in client.list_objects_v2(Bucket="footage").get("Contents", ()):
        client.delete_object(Bucket="footage", Key=found["Key"])
    client.delete_bucket(Bucket="footage")


@pytest.fixture(params=["media", "bucket"])
def place(request):
    """Both kinds of storage: what is tested here holds for each."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "source.mp4"
    path.write_bytes(CONTENT)
    return path


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_bytes_come_back(place):
    storage.put_bytes("frames/a/1.jpg", b"picture")
    assert storage.read_bytes("frames/a/1.jpg") == b"picture"


def test_a_second_put_replaces_the_first(place):
    storage.put_bytes("a.bin", b"a long first one")
    storage.put_bytes("a.bin", b"second")
    assert storage.read_bytes("a.bin") == b"second"


def test_an_empty_file_is_a_file(place):
    storage.put_bytes("empty", b"")
    assert storage.read_bytes("empty") == b""


def test_a_file_is_copied_and_can_be_read_by_path(place, source):
    storage.put_file("videos/ab/x.mp4", source, sha256=SHA256)
    assert storage.read_bytes("videos/ab/x.mp4") == CONTENT
    assert storage.local_path("videos/ab/x.mp4").read_bytes() == CONTENT
    assert source.read_bytes() == CONTENT


def test_content_that_is_not_what_was_announced_is_never_stored(place, source):
    with pytest.raises(ContentChanged):
        storage.put_file("videos/x.mp4", source, sha256=hashlib.sha256(b"other").hexdigest())
    with pytest.raises(FileNotFoundError):
        storage.local_path("videos/x.mp4")


def test_content_that_changed_leaves_what_was_stored_before(place, source):
    storage.put_file("videos/x.mp4", source, sha256=SHA256)
    source.write_bytes(b"cut short")
    with pytest.raises(ContentChanged):
        storage.put_file("videos/x.mp4", source, sha256=SHA256)
    assert storage.read_bytes("videos/x.mp4") == CONTENT


def test_a_file_is_moved_in_and_leaves_its_place(place, source):
    for _ in range(2):  # what is there already is replaced
        source.write_bytes(CONTENT)
        storage.move_file("exports/x.zip", source)
        assert storage.read_bytes("exports/x.zip") == CONTENT
        assert not source.exists()


def test_a_file_is_moved_across_disks_too(media, source, monkeypatch):
    monkeypatch.setattr(storage, "_on_one_disk", lambda source, folder: False)
    storage.move_file("exports/x.zip", source)
    assert files_below(media) == ["exports/x.zip"]
    assert storage.read_bytes("exports/x.zip") == CONTENT
    assert not source.exists()


def test_what_is_not_there_is_told(place):
    for read in (storage.local_path, storage.read_bytes):
        with pytest.raises(FileNotFoundError):
            read("videos/none.mp4")


def test_removing_is_quiet_about_what_is_not_there(place):
    storage.put_bytes("a", b"1")
    storage.remove(["a", "never-was"])
    with pytest.raises(FileNotFoundError):
        storage.read_bytes("a")


@pytest.mark.parametrize("key", ["../out.bin", "/etc/passwd", "a/../../out.bin", ""])
def test_no_key_leads_out_of_the_storage(media, key):
    with pytest.raises(ValueError, match="leads out of the storage"):
        storage.put_bytes(key, b"x")
    with pytest.raises(ValueError, match="leads out of the storage"):
        storage.local_path(key)


def test_a_link_leads_nowhere_either(media, tmp_path):
    (tmp_path / "outside").mkdir()
    media.mkdir()
    (media / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(ValueError, match="leads out of the storage"):
        storage.put_bytes("link/x", b"x")
    assert files_below(tmp_path / "outside") == []


def test_a_failed_copy_leaves_nothing(media, tmp_path):
    with pytest.raises(IsADirectoryError):
        storage.put_file("videos/x.mp4", tmp_path, sha256=SHA256)
    assert not media.exists() or files_below(media) == []


def test_a_copy_leaves_nothing_but_the_file(media, source):
    storage.put_file("videos/x.mp4", source, sha256=SHA256)
    assert files_below(media) == ["videos/x.mp4"]


def test_footage_is_for_its_owner_alone(media, source):
    storage.put_file("x.mp4", source, sha256=SHA256)
    assert (media / "x.mp4").stat().st_mode & 0o777 == 0o600


def test_a_bucket_file_is_fetched_once(bucket, source, settings):
    storage.put_file("videos/x.mp4", source, sha256=SHA256)
    path = storage.local_path("videos/x.mp4")
    bucket.delete_object(Bucket="footage", Key="winnow/videos/x.mp4")
    assert storage.local_path("videos/x.mp4") == path
    assert path.read_bytes() == CONTENT
    assert files_below(settings.WINNOW_DATA_DIR) == ["cache/videos/x.mp4"]


def test_a_missing_bucket_file_leaves_nothing_in_the_cache(bucket, settings):
    with pytest.raises(FileNotFoundError):
        storage.local_path("videos/none.mp4")
    assert not settings.WINNOW_DATA_DIR.exists() or files_below(settings.WINNOW_DATA_DIR) == []


def test_keys_stand_below_the_prefix(bucket):
    storage.put_bytes("frames/1.jpg", b"x")
    (found,) = bucket.list_objects_v2(Bucket="footage")["Contents"]
    assert found["Key"] == "winnow/frames/1.jpg"
