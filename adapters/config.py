"""Settings: read once, from flags and `MUNIMENT_*` variables. Everything has a default that works on a laptop."""

import os
import secrets
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

KEY_FILE = "bootstrap-key"


def version() -> str:
    """The installed version, or `0+checkout` where nothing is installed."""
    try:
        return metadata.version("muniment")
    except metadata.PackageNotFoundError:
        return "0+checkout"


class InvalidSetting(Exception):
    """A variable or flag that cannot be used; the message names it and says what is expected."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How this process is to run.

    `data` is the directory of the embedded store and of the bootstrap key; `database` a postgresql:// URL instead of
    the embedded store; `rate_limit` so many requests a minute and key, in each worker. `webhook_allow_http` lets
    webhooks go to this machine, and without TLS. The bootstrap key and the database's password never appear in `repr`.
    """

    data: Path = Path(".muniment")
    database: str | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535)] = 8400
    workers: Annotated[int, Meta(ge=1, le=1000)] = 1
    bootstrap_key: str | None = None
    auth_disabled: bool = False
    max_body_bytes: Annotated[int, Meta(ge=1)] = 256 * 1024 * 1024
    proposal_expiry_days: Annotated[int, Meta(ge=1, le=36500)] = 30
    rate_limit: Annotated[int, Meta(ge=1)] | None = None
    webhook_allow_http: bool = False

    def __repr__(self) -> str:
        store = "postgresql" if self.database else str(self.data)
        return f"Settings(store={store!r}, host={self.host!r}, port={self.port})"

    @staticmethod
    def from_environment(env: Mapping[str, str]) -> "Settings":
        """Settings from variables. Raises `InvalidSetting`."""
        given: dict[str, str] = {}
        for field in Settings.__struct_fields__:
            value = env.get(f"MUNIMENT_{field.upper()}")
            if value:
                given[field] = value
        data = Path(given.pop("data", ".muniment")).expanduser()
        try:
            settings = msgspec.convert(given, Settings, strict=False)
        except msgspec.ValidationError as error:
            raise InvalidSetting(_named(str(error))) from None
        if settings.database and not _is_postgres(settings.database):
            raise InvalidSetting("MUNIMENT_DATABASE: expected a postgresql:// URL")
        settings = msgspec.structs.replace(settings, data=data)
        if settings.bootstrap_key is None and not settings.auth_disabled:
            settings = msgspec.structs.replace(settings, bootstrap_key=bootstrap_key(data))
        return settings

    @property
    def target(self) -> Path | str:
        """Where the log is: a file, or a URL."""
        return self.database or self.data / "muniment.db"


def _is_postgres(database: str) -> bool:
    """Whether this is a URL of PostgreSQL, or its older form, `host=… dbname=…`."""
    scheme, colon, _ = database.partition("://")
    return scheme in ("postgresql", "postgres") if colon else "=" in database


def _named(message: str) -> str:
    text, _, place = message.partition(" - at `$.")
    name = place.rstrip("`").upper()
    return f"MUNIMENT_{name}: {text}" if name else text


def bootstrap_key(data: Path) -> str:
    """The key in the data directory, made at the first start. Only its owner may read the file."""
    path = data / KEY_FILE
    data.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        fresh = data / f".{KEY_FILE}.{secrets.token_hex(8)}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write("mnm_" + secrets.token_urlsafe(32) + "\n")
        try:
            # A link fails where another process came first; then its key is the one.
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    key = path.read_text().strip()
    if not key:
        raise InvalidSetting(f"{path} is empty: remove it, and the next start makes another key")
    return key
