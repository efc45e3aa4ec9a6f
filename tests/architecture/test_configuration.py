"""Settings come from the environment as docs/configuration.md says, and wrong ones stop the start with one line."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from pro_platform import env
from pro_platform.env import VARIABLES, ConfigurationError, Variable
from tests.architecture.rooms import ROOMS, ROOT

DOCUMENT = (ROOT / "docs" / "configuration.md").read_text()
SECRETS = {"SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "HASH_PEPPERS"}
PRODUCTION = {
    "PRO_ENV": "production",
    "SECRET_KEY": "h7Kq2" * 12,
    "FIELD_ENCRYPTION_KEYS": "b25seS13aGlsZS10aGUtaW1hZ2UtaXMtYmVpbmctISE=",
    "HASH_PEPPERS": "m3Wz8" * 8,
    "DATABASE_URL": "postgres://app:secret@127.0.0.1:1/app",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "ALLOWED_HOSTS": "shop.example,.shop.example",
    "PUBLIC_URL": "https://shop.example",
    "STRIPE_API_KEY": "sk_live_0",
    "DEFAULT_FROM_EMAIL": "orders@shop.example",
}
MALFORMED = [
    ("PRO_ENV", "staging", "one of development, test, production"),
    ("SECRET_KEY", "0" * 64, "at least 50 characters, random"),
    ("SECRET_KEY", "short", "at least 50 characters, random"),
    ("SECRET_KEY_FALLBACKS", "short", "at least 50 characters, random"),
    ("FIELD_ENCRYPTION_KEYS", "no-key", "Fernet keys (32 bytes, URL-safe base64), separated by commas"),
    ("FIELD_ENCRYPTION_KEYS", " , ", "at least one key"),
    ("HASH_PEPPERS", "short", "texts of at least 32 random characters, separated by commas"),
    ("HASH_PEPPERS", " , ", "texts of at least 32 random characters, separated by commas"),
    ("DATABASE_URL", "mysql://app@db/app", "a URL starting with postgres:// or postgresql://"),
    ("DATABASE_URL", "postgres://app@db:port/app", "a URL starting with postgres:// or postgresql://"),
    ("REDIS_URL", "127.0.0.1:6379", "a URL starting with redis:// or rediss://"),
    ("ALLOWED_HOSTS", "", "host names without http://, separated by commas"),
    ("ALLOWED_HOSTS", "https://shop.example", "host names without http://, separated by commas"),
    ("PUBLIC_URL", "shop.example", "a URL starting with http:// or https://"),
    ("STRIPE_API_KEY", " ", "a text that is not empty"),
    ("STRIPE_API_BASE", "stripe", "a URL starting with http:// or https://"),
    ("EMAIL_URL", "smtp://[half", "a URL starting with smtp:// or smtps://"),
    ("DEFAULT_FROM_EMAIL", "", "a text that is not empty"),
    ("OPERATOR_EMAILS", "ops", "mail addresses, separated by commas"),
    ("ALERT_AFTER_SECONDS", "soon", "a whole number above 0"),
    ("SLOW_QUERY_MS", "-1", "a whole number above 0"),
    ("METRICS_TOKEN", "short", "at least 16 characters without spaces"),
    ("LOG_FORMAT", "xml", "one of json, console"),
    ("LOG_LEVEL", "debug", "one of DEBUG, INFO, WARNING, ERROR"),
    ("UPLOAD_MAX_MB", "0", "a whole number above 0"),
    ("WEB_CONCURRENCY", "0", "a whole number above 0"),
    ("RETENTION_EVENT_DAYS", "0", "a whole number above 0"),
    ("RETENTION_DEAD_EVENT_DAYS", "0", "a whole number above 0"),
    ("RETENTION_WEBHOOK_BODY_DAYS", "0", "a whole number above 0"),
    ("RETENTION_WEBHOOK_DAYS", "0", "a whole number above 0"),
    ("RETENTION_LINK_DAYS", "0", "a whole number above 0"),
    ("RETENTION_IMPORT_DAYS", "0", "a whole number above 0"),
    ("DATABASE_POOL_SIZE", "ten", "a whole number above 0"),
    ("DEVTOOLS", "maybe", "true or false"),
]


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in PRODUCTION.items() if key != name}


def row(variable: Variable) -> str:
    """The variable's line of the table."""
    production = "**required**" if variable.default is None else value_cell(variable.default)
    development = production
    if variable.development_default is not None:
        development = "made up" if variable.name in SECRETS else value_cell(variable.development_default)
    return f"| `{variable.name}` | {variable.meaning} | {production} | {development} |"


def value_cell(value: str) -> str:
    return f"`{value}`" if value else "empty"


def test_the_document_lists_exactly_the_variables_of_the_code():
    table = DOCUMENT.partition("|---|---|---|---|\n")[2].partition("\n\n")[0]
    assert table.splitlines() == [row(variable) for variable in VARIABLES]


def test_the_document_names_every_variable_that_the_launcher_and_the_tests_read():
    for name in ("PYTHON", "PRO_TEST_DATABASE_URL", "PRO_TEST_REDIS_URL", "PRO_TEST_WORKERS", "PRO_CHROMIUM"):
        assert f"`{name}`" in DOCUMENT


def test_settings_read_the_environment_nowhere_else():
    allowed = {"PYTEST_XDIST_WORKER", "DJANGO_SETTINGS_MODULE"}
    found = [
        f"{file.relative_to(ROOT)}: {line.strip()}"
        for room in ROOMS
        for file in ROOT.joinpath(room).rglob("*.py")
        if file != ROOT / "pro_platform" / "env.py"
        for line in file.read_text().splitlines()
        if ("os.environ" in line or "getenv" in line) and not any(name in line for name in allowed)
    ]
    assert found == []


REQUIRED = [variable.name for variable in VARIABLES if variable.default is None]


def test_production_needs_exactly_what_the_table_calls_required():
    assert set(REQUIRED) | {"PRO_ENV"} == set(PRODUCTION)
    assert env.read(without("PRO_ENV"))["PRO_ENV"] == "production", "where nothing is said, it is production"


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_variable_is_named(name):
    variable = next(variable for variable in VARIABLES if variable.name == name)
    with pytest.raises(ConfigurationError) as stop:
        env.read(without(name))
    assert str(stop.value) == f"Set {name}: {variable.meaning} See docs/configuration.md."


@pytest.mark.parametrize(("name", "value", "takes"), MALFORMED, ids=lambda value: value[:24])
def test_a_malformed_variable_is_named_with_what_it_takes(name, value, takes):
    with pytest.raises(ConfigurationError) as stop:
        env.read({**PRODUCTION, name: value})
    assert str(stop.value) == f"{name} is malformed; it takes {takes}. See docs/configuration.md."


def test_every_variable_with_a_form_is_tried_malformed():
    free = {variable.name for variable in VARIABLES if variable.parse is str}
    assert {name for name, _, _ in MALFORMED} | free == {variable.name for variable in VARIABLES}


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        (
            without("SECRET_KEY"),
            "Set SECRET_KEY: Signs sessions, cookies and password links. See docs/configuration.md.",
        ),
        (
            {**PRODUCTION, "DATABASE_URL": "nonsense"},
            "DATABASE_URL is malformed; it takes a URL starting with postgres:// or postgresql://. "
            "See docs/configuration.md.",
        ),
    ],
    ids=["missing", "malformed"],
)
def test_the_start_stops_with_one_line(environment, line):
    stopped = manage(environment, "check")
    assert stopped.returncode == 1
    assert (stopped.stderr, stopped.stdout) == (f"{line}\n", "")


def test_the_web_server_stops_too_instead_of_trying_again():
    command = [sys.executable, "-m", "gunicorn", "pro_platform.wsgi:application", "--bind", "127.0.0.1:0"]
    stopped = subprocess.run(
        [*command, "--no-control-socket"],
        cwd=ROOT,
        env={**without("SECRET_KEY"), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert stopped.returncode == 1
    assert (
        stopped.stderr.splitlines()[-1]
        == "Set SECRET_KEY: Signs sessions, cookies and password links. See docs/configuration.md."
    )


def test_a_value_may_stand_in_a_file(tmp_path):
    file = tmp_path / "stripe"
    file.write_text("sk_live_from_file\n")
    given = {**without("STRIPE_API_KEY"), "STRIPE_API_KEY_FILE": str(file)}
    assert env.read(given)["STRIPE_API_KEY"] == "sk_live_from_file"
    assert env.read({**given, "STRIPE_API_KEY": "sk_live_direct"})["STRIPE_API_KEY"] == "sk_live_direct"


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "No such file or directory"), (b"\xff\xfe", "it is not UTF-8 text")]
)
def test_a_file_that_cannot_be_read_stops_the_start(tmp_path, content, reason):
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigurationError) as stop:
        env.read({**without("SECRET_KEY"), "SECRET_KEY_FILE": str(file)})
    assert str(stop.value) == f"SECRET_KEY_FILE cannot be read: {reason} ({file})."


def test_production_settings_pass_the_deployment_checks():
    mailing = {**PRODUCTION, "EMAIL_URL": "smtps://mail.shop.example"}
    checked = manage(mailing, "check", "--deploy", "--fail-level", "WARNING")
    assert checked.returncode == 0, checked.stderr


def test_production_without_a_mail_server_is_warned_once():
    checked = manage(PRODUCTION, "check", "--deploy")
    assert checked.returncode == 0, checked.stderr
    assert checked.stderr.count("EMAIL_URL is empty") == 1


def test_values_are_parsed():
    values = env.read({**PRODUCTION, "PUBLIC_URL": "https://shop.example/", "DEVTOOLS": "off"})
    assert values["ALLOWED_HOSTS"] == ["shop.example", ".shop.example"]
    assert values["PUBLIC_URL"] == "https://shop.example"
    assert (values["WEB_CONCURRENCY"], values["DATABASE_POOL_SIZE"], values["DEVTOOLS"]) == (2, 10, False)
    assert env.read({"PRO_ENV": "development", "DATABASE_URL": "postgres://d/d", "REDIS_URL": "redis://r"})["DEVTOOLS"]


def test_the_database_obeys_time_limits():
    """So that a stuck lock or query ends as 503 and not as a hanging page."""
    assert "lock_timeout" in settings.DATABASES["default"]["OPTIONS"]["options"]
    assert "statement_timeout" in settings.DATABASES["default"]["OPTIONS"]["options"]
