"""Every setting that comes from the environment. docs/configuration.md is checked against this table."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit


class ConfigurationError(SystemExit):
    """Stops the start with one clear line."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable. `default` None means: none in production, a made-up one in development."""

    name: str
    meaning: str
    default: str | None = ""
    parse: Callable[[str], Any] = str
    development_default: str | None = None


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        try:
            parts = urlsplit(value)
            is_whole = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:  # the port is no number, or the host no address
            is_whole = False
        if not is_whole:
            raise ValueError(f"a URL starting with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return value.rstrip("/")

    return parse


def _optional(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda value: parse(value) if value else ""


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("a text that is not empty")
    return value


def _count(value: str) -> int:
    if not (value.isascii() and value.isdigit() and int(value) > 0):
        raise ValueError("a whole number above 0")
    return int(value)


def _items(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]


def _hosts(value: str) -> list[str]:
    hosts = _items(value)
    if not hosts or any("/" in host for host in hosts):
        raise ValueError("host names without http://, separated by commas")
    return hosts


def _emails(value: str) -> list[str]:
    addresses = _items(value)
    if not all(re.fullmatch(r"[^@\s]+@[^@\s]+", address) for address in addresses):
        raise ValueError("mail addresses, separated by commas")
    return addresses


def _token(value: str) -> str:
    if value and (len(value) < 16 or not value.isascii() or not value.isprintable() or " " in value):
        raise ValueError("at least 16 characters without spaces")
    return value


def _fernet_keys(value: str) -> list[str]:
    from cryptography.fernet import Fernet  # noqa: PLC0415 - only where keys are given

    keys = _items(value)
    if not keys:
        raise ValueError("at least one key")
    try:
        for key in keys:
            Fernet(key)
    except ValueError as error:
        raise ValueError("Fernet keys (32 bytes, URL-safe base64), separated by commas") from error
    return keys


def _peppers(value: str) -> list[str]:
    peppers = _items(value)
    if not peppers or any(len(pepper) < 32 or len(set(pepper)) < 5 for pepper in peppers):
        raise ValueError("texts of at least 32 random characters, separated by commas")
    return peppers


def _bool(value: str) -> bool:
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"", "0", "false", "no", "off"}:
        return False
    raise ValueError("true or false")


def _one_of(*allowed: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"one of {', '.join(allowed)}")
        return value

    return parse


def _secret_key(value: str) -> str:
    if len(value) < 50 or len(set(value)) < 5:
        raise ValueError("at least 50 characters, random")
    return value


_DEVELOPMENT_PEPPER = "development-only-pepper-" + "0" * 16
_DEVELOPMENT_FERNET_KEY = "cHJvLXBsYXRmb3JtLWRldmVsb3BtZW50LWtleS0wMDE="

VARIABLES = [
    Variable("PRO_ENV", "development, test or production.", "production", _one_of("development", "test", "production")),
    Variable(
        "SECRET_KEY", "Signs sessions, cookies and password links.", None, _secret_key, "development-only-" + "0" * 50
    ),
    Variable(
        "SECRET_KEY_FALLBACKS",
        "Earlier SECRET_KEYs whose signatures still hold, comma-separated.",
        "",
        lambda value: [_secret_key(key) for key in _items(value)],
    ),
    Variable(
        "FIELD_ENCRYPTION_KEYS",
        "Fernet keys for encrypted fields, comma-separated, newest first.",
        None,
        _fernet_keys,
        _DEVELOPMENT_FERNET_KEY,
    ),
    Variable(
        "HASH_PEPPERS",
        "Peppers for hashes that are searched (addresses, card codes), comma-separated, newest first.",
        None,
        _peppers,
        _DEVELOPMENT_PEPPER,
    ),
    Variable("DATABASE_URL", "PostgreSQL 15 or newer.", None, _url("postgres", "postgresql"), None),
    Variable("REDIS_URL", "Valkey or Redis: cache, rate limits, Celery broker.", None, _url("redis", "rediss"), None),
    Variable("ALLOWED_HOSTS", "Host names served, comma-separated.", None, _hosts, "*"),
    Variable(
        "PUBLIC_URL",
        "Address under which people reach the platform; links in mails start with it.",
        None,
        _url("http", "https"),
        "http://127.0.0.1:8000",
    ),
    Variable("STRIPE_API_KEY", "Secret key of the platform's Stripe account.", None, _text, "sk_test_development"),
    Variable(
        "STRIPE_API_BASE", "Address of the Stripe API; empty means Stripe itself.", "", _optional(_url("http", "https"))
    ),
    Variable(
        "EMAIL_URL",
        "smtp://user:password@host:587 (smtps:// for TLS from the start). Empty keeps mails in the outbox page.",
        "",
        _optional(_url("smtp", "smtps")),
    ),
    Variable("DEFAULT_FROM_EMAIL", "Sender of mails.", None, _text, "shop@localhost.localdomain"),
    Variable(
        "OPERATOR_EMAILS", "Who is mailed alerts, comma-separated. Empty: every operator who signs in.", "", _emails
    ),
    Variable("ALERT_AFTER_SECONDS", "How long beat or the workers may be silent.", "90", _count),
    Variable("SLOW_QUERY_MS", "Statements that take longer are shown on the platform site.", "500", _count),
    Variable(
        "METRICS_TOKEN", "Bearer token of /metrics. Empty: only requests from this machine, past no proxy.", "", _token
    ),
    Variable("UPLOAD_MAX_MB", "Largest file that staff may upload.", "500", _count),
    Variable("RETENTION_EVENT_DAYS", "Days that dispatched events are kept.", "30", _count),
    Variable("RETENTION_DEAD_EVENT_DAYS", "Days that events which were given up can be replayed.", "180", _count),
    Variable("RETENTION_WEBHOOK_BODY_DAYS", "Days that bodies of webhooks are kept.", "30", _count),
    Variable("RETENTION_WEBHOOK_DAYS", "Days that a webhook is known again when it comes twice.", "180", _count),
    Variable("RETENTION_LINK_DAYS", "Days that shoppers' links are kept after they ended.", "90", _count),
    Variable("RETENTION_IMPORT_DAYS", "Days that imports and their notes are kept.", "180", _count),
    Variable("LOG_FORMAT", "json or console.", "json", _one_of("json", "console"), "console"),
    Variable("LOG_LEVEL", "DEBUG, INFO, WARNING or ERROR.", "INFO", _one_of("DEBUG", "INFO", "WARNING", "ERROR")),
    Variable("WEB_CONCURRENCY", "Web worker processes.", "2", _count),
    Variable("DEVTOOLS", "Demo shop and its commands.", "false", _bool, "true"),
    Variable("DATABASE_POOL_SIZE", "Connections kept open per process.", "10", _count),
    Variable("TEST_DATABASE_NAME", "Name of the test database.", "", str),
]


def read(environ: dict[str, str] | None = None) -> dict[str, Any]:
    """All values, parsed. Raises ConfigurationError, naming the variable and what it should be."""
    environ = dict(os.environ) if environ is None else environ
    production = environ.get("PRO_ENV", "production") == "production"
    return {variable.name: _value(variable, environ, production=production) for variable in VARIABLES}


def _value(variable: Variable, environ: dict[str, str], *, production: bool) -> Any:
    raw = environ.get(variable.name)
    if raw is None and (path := environ.get(f"{variable.name}_FILE")):
        raw = _read_file(variable.name, path)
    if raw is None:
        raw = variable.default
        if not production and variable.development_default is not None:
            raw = variable.development_default
    if raw is None:
        raise ConfigurationError(f"Set {variable.name}: {variable.meaning} See docs/configuration.md.")
    try:
        return variable.parse(raw)
    except ValueError as error:
        raise ConfigurationError(
            f"{variable.name} is malformed; it takes {error}. See docs/configuration.md."
        ) from error


def _read_file(name: str, path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except OSError as error:
        raise ConfigurationError(f"{name}_FILE cannot be read: {error.strerror} ({path}).") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{name}_FILE cannot be read: it is not UTF-8 text ({path}).") from error


def database_settings(url: str) -> dict[str, Any]:
    """Django's NAME, USER, PASSWORD, HOST and PORT from a URL."""
    parts = urlsplit(url)
    return {
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
    }


def email_settings(url: str) -> dict[str, Any]:
    """Django's EMAIL_* settings from a URL; empty when there is none."""
    if not url:
        return {}
    parts = urlsplit(url)
    return {
        "EMAIL_HOST": parts.hostname or "",
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and parts.hostname not in {"127.0.0.1", "localhost"},
    }


def redis_database(url: str, worker: str) -> str:
    """The URL of test process `worker` ("gw3"): the same server, database 3."""
    parts = urlsplit(url)
    return parts._replace(path=f"/{int(worker.removeprefix('gw'))}").geturl()
