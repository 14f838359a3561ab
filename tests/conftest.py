"""Real PostgreSQL and Redis for the tests, and the things of this machine that some need."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import django_rq
import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from rq import Queue

from config import embedded, env
from demo.world import render_world
from tests.label_studio import label_studio, lacking

# How fast a busy machine is says nothing about the code.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

__all__ = ["label_studio"]  # a fixture

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
PROGRAMS = {"ffprobe": "apt install ffmpeg", "chromium": "apt install chromium"}


def pytest_report_header() -> list[str]:
    missing = [f"{name} ({how})" for name, how in PROGRAMS.items() if not shutil.which(name)]
    if not SHARED_DATA.is_dir():
        missing.append(f"{SHARED_DATA} (real footage)")
    return [f"winnow: not here, so the tests that need it are skipped: {what}" for what in missing + lacking()]


@pytest.fixture(scope="session")
def servers() -> Iterator[None]:
    """Embedded servers, unless DATABASE_URL and REDIS_URL name others."""
    needed = not (env.text("DATABASE_URL") and env.text("REDIS_URL"))
    if not needed:
        yield
        return
    with embedded.running(settings.WINNOW_DATA_DIR, durable=False):
        yield


@pytest.fixture(scope="session")
def django_db_setup(servers, django_db_setup) -> Iterator[None]:
    """Tell the processes that tests start (workers) which database is the tests'."""
    config = connection.settings_dict
    user = quote(config["USER"]) + (f":{quote(config['PASSWORD'])}" if config["PASSWORD"] else "")
    place = urlencode({"host": config["HOST"], **({"port": config["PORT"]} if config["PORT"] else {})})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", f"postgresql://{user}@/{quote(config['NAME'])}?{place}")
        patch.setenv("REDIS_URL", settings.REDIS_URL)
        patch.setenv("DJANGO_SETTINGS_MODULE", "config.settings")
        yield


@pytest.fixture(autouse=True)
def no_table_of_frames() -> Iterator[None]:
    """Let no test find in memory what another one loaded."""
    from curation.services import frame_table  # models cannot be imported before the settings are

    frame_table.forget()
    yield
    frame_table.forget()


@pytest.fixture
def queue(servers) -> Iterator[Queue]:
    """The work queue, on a Redis that is empty before and after."""
    found = django_rq.get_queue("cascade")
    found.connection.flushdb()
    yield found
    found.connection.flushdb()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real footage and weights."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"{SHARED_DATA} is not here: it holds the real footage this test needs")
    return SHARED_DATA


@pytest.fixture(scope="session")
def tiny_footage(request: pytest.FixtureRequest) -> Path:
    """Twenty seconds of the demo world, 320 x 180 at 10 frames a second: two visits, day and night."""
    (video,) = render_world(request.config.cache.mkdir("tiny-world"), world="tiny")
    return video.path


@pytest.fixture
def media(tmp_path: Path, settings) -> Path:
    """An empty storage of this test's own, in a local folder."""
    settings.STORAGES = {**settings.STORAGES, "default": env.storage(tmp_path / "media", url_ttl_s=60)}
    return tmp_path / "media"


@pytest.fixture(scope="session")
def ffprobe() -> str:
    return _program("ffprobe")


@pytest.fixture(scope="session")
def chromium() -> str:
    return _program("chromium")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found:
        return found
    message = f"{name} is not installed ({PROGRAMS[name]})"
    if env.boolean("CI", default=False):
        pytest.fail(message)
    pytest.skip(message)
