"""Two users share the servers; the last one to leave stops them, however it leaves."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress

import psycopg
import pytest
import redis

from config import embedded
from config.folders import FolderError
from config.layout import Layout
from tests.config.machine import ROOT, data_folder, environment, processes_of, wait_for

pytestmark = pytest.mark.slow

USER = """
import sys
from pathlib import Path
from config import embedded
with embedded.running(Path(sys.argv[1]), durable=False):
    print("up", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def folder():
    with data_folder() as made:
        yield made


@pytest.fixture(autouse=True)
def nothing_left(folder):
    yield
    wait_for(lambda: not processes_of(folder))


class User:
    """Another process that uses the servers."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(folder)],
            cwd=ROOT,
            env=environment(folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def wait_until_up(self):
        assert self.process.stdout.readline() == b"up\n"
        return self

    def leave(self):
        self.process.communicate(b"\n", timeout=60)
        assert self.process.returncode == 0

    def kill(self):
        self.process.kill()
        self.process.communicate(timeout=60)


def answer(folder):
    layout = Layout(folder)
    with psycopg.connect(layout.database_url()) as db, redis.Redis.from_url(layout.redis_url()) as client:
        return db.execute("SELECT '[1,2]'::vector(2)::text").fetchone()[0], client.ping()


def named(folder, word):
    return [pid for pid, command in processes_of(folder).items() if word in command]


def test_the_servers_run_for_the_block_and_have_pgvector(folder):
    with embedded.running(folder, durable=False):
        assert answer(folder) == ("[1,2]", True)
    assert processes_of(folder) == {}


def test_users_that_start_together_share_one_server_and_the_last_stops_it(folder):
    users = [User(folder) for _ in range(3)]
    for user in users:
        user.wait_until_up()
    assert len(named(folder, "config.keeper postgres")) == 1
    assert len(named(folder, "config.keeper redis")) == 1
    users[0].leave()
    users[1].leave()
    assert answer(folder) == ("[1,2]", True)
    users[2].leave()
    assert processes_of(folder) == {}


def test_a_killed_user_leaves_the_others_alone_and_the_last_killed_leaves_nothing(folder):
    first, second = User(folder).wait_until_up(), User(folder).wait_until_up()
    first.kill()
    assert answer(folder) == ("[1,2]", True)
    second.kill()
    wait_for(lambda: not processes_of(folder))


def test_a_nested_use_stops_nothing(folder):
    with embedded.running(folder, durable=False):
        with embedded.running(folder, durable=False):
            pass
        assert answer(folder) == ("[1,2]", True)


def test_servers_of_a_killed_machine_are_recovered(folder):
    user = User(folder).wait_until_up()
    # As after a power cut: everything is gone at once, the files stay.
    for pid in [
        *named(folder, "config.keeper"),
        user.process.pid,
        *named(folder, "postgres -D"),
        *named(folder, "redis-server"),
    ]:
        os.kill(pid, signal.SIGKILL)
    user.process.communicate(timeout=60)
    wait_for(lambda: not processes_of(folder))
    # After the restart the number in the stale file belongs to somebody else: to this process.
    pid_file = folder / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    with embedded.running(folder, durable=False):
        assert answer(folder) == ("[1,2]", True)


def test_a_server_that_dies_is_started_again(folder):
    with embedded.running(folder, durable=False):
        for word in ("redis-server", "postgres -D"):
            (pid,) = named(folder, word)
            os.kill(pid, signal.SIGKILL)
            wait_for(lambda: named(folder, word) not in ([], [pid]))  # noqa: B023

        def both_answer():
            with suppress(psycopg.OperationalError, redis.RedisError):
                return answer(folder) == ("[1,2]", True)

        wait_for(both_answer)


def test_redis_keeps_acknowledged_work_over_a_stop(folder):
    with embedded.running(folder), redis.Redis.from_url(Layout(folder).redis_url()) as client:
        client.lpush("work", "a job")
    with embedded.running(folder), redis.Redis.from_url(Layout(folder).redis_url()) as client:
        assert client.lrange("work", 0, -1) == [b"a job"]


def test_sockets_and_folders_are_private(folder):
    with embedded.running(folder, durable=False) as layout:
        assert len(str(layout.postgres_socket_dir / ".s.PGSQL.5432")) < 108
        assert layout.postgres_socket_dir.stat().st_mode & 0o777 == 0o700
        assert layout.redis_socket.stat().st_mode & 0o777 == 0o700
        assert (folder / "redis").stat().st_mode & 0o777 == 0o700
        assert (folder / "postgres").stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_socket_folder_of_another_user_is_refused(tmp_path):
    socket_dir = Layout(tmp_path).socket_dir
    socket_dir.mkdir()
    os.chown(socket_dir, 65534, 65534)
    try:
        with pytest.raises(FolderError, match="belongs to user 65534"), embedded.running(tmp_path):
            pass
    finally:
        socket_dir.rmdir()


def test_a_server_that_cannot_start_says_why(tmp_path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(embedded.EmbeddedError, match="was made by PostgreSQL 9"), embedded.running(tmp_path):
        pass
    assert processes_of(tmp_path) == {}
    shutil.rmtree(Layout(tmp_path).socket_dir)
