"""Where things lie in a data folder, and the addresses of its embedded servers. Nothing is made or started here."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Layout:
    """Paths and addresses that follow from the data folder alone, so that every process derives the same ones."""

    data_dir: Path

    @property
    def socket_dir(self) -> Path:
        """The private folder of the servers' sockets.

        Not in the data folder: a socket's path may have 107 characters at most. Not below $TMPDIR: it differs
        between a log-in shell and a cron job, and both must find the same servers."""
        digest = hashlib.sha256(os.fsencode(self.data_dir.resolve())).hexdigest()[:16]
        return Path(f"/tmp/winnow-{digest}")

    @property
    def run_dir(self) -> Path:
        return self.data_dir / "run"

    @property
    def log_dir(self) -> Path:
        return self.data_dir / "logs"

    @property
    def media_dir(self) -> Path:
        return self.data_dir / "media"

    @property
    def secret_dir(self) -> Path:
        return self.data_dir / "secrets"

    @property
    def postgres_socket_dir(self) -> Path:
        return self.socket_dir / "postgres"

    @property
    def redis_socket(self) -> Path:
        return self.socket_dir / "redis.sock"

    def database_url(self, name: str = "winnow") -> str:
        return f"postgresql://postgres@/{name}?host={self.postgres_socket_dir}"

    def redis_url(self, db: int = 0) -> str:
        return f"unix://{self.redis_socket}?db={db}"
