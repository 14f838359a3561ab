"""The service's settings on a data folder of the tests' own; children of tests inherit them by the environment."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from config.layout import Layout

OWNED = "WINNOW_TEST_DATA_DIR"
# What the developer's shell says about a real installation must not reach the tests.
for _name in [name for name in os.environ if name.startswith("WINNOW_") and name != OWNED]:
    del os.environ[_name]
if OWNED not in os.environ:  # workers of pytest-xdist find the one of the process that started them
    _folder = Path(tempfile.mkdtemp(prefix="winnow-tests-"))
    os.environ[OWNED] = str(_folder)
    for _made in (_folder, Layout(_folder).socket_dir):
        atexit.register(shutil.rmtree, _made, ignore_errors=True)
os.environ["WINNOW_DATA_DIR"] = os.environ[OWNED]

from config.settings import *  # noqa: E402, F403
from config.settings import REDIS_URL, RQ_QUEUES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False  # its log-in needs a request, which the test client's login() has not


def _own_redis_db(url: str) -> str:
    """Take a database that nothing else uses: tests empty it."""
    db = 8 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
    if url.startswith("unix:"):
        return f"{url.partition('?')[0]}?db={db}"
    return urlsplit(url)._replace(path=f"/{db}", query="").geturl()


REDIS_URL = _own_redis_db(REDIS_URL)
for _queue in RQ_QUEUES.values():
    _queue["URL"] = REDIS_URL
