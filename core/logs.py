"""Structured logs: one event per line with merchant, request and task ids, and without secrets.

`configure` is named by the setting LOGGING_CONFIG, so Django calls it before anything else runs.
"""

import logging.config
import re
import time
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog
from celery import signals
from django.http import HttpRequest, HttpResponse

from core.ids import uuid7

# What Python writes between an error and the one that came of it; else an error's text goes on to the end.
_END_OF_ERROR = r"(?=(?:\n|\\n){2}(?:The above exception was|During handling of the above)|\Z)"
_SCRUBBED = (
    # Signed links and those of a forgotten password are bearer secrets, and they stand in the path.
    (re.compile(r"(/l/|/password/reset/key/)[^/\s?#\"']+"), r"\1[token]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[^\s\"',]+"), r"\1 [hidden]"),
    (re.compile(r"\b(?:[a-z]+_)*(?:sk|pk|rk|whsec)_[A-Za-z0-9_\-+/=]{8,}"), "[key]"),
    # Secrets, and what people look for: names, addresses. Django writes whole addresses of requests that failed.
    (re.compile(r"(?i)([?&](?:token|key|secret|signature|code|q|name|e-?mail|phone)=)[^&\s\"']+"), r"\1[hidden]"),
    (re.compile(r"\b(\w+://[^\s:/@]*):[^\s@/]+@"), r"\1:[hidden]@"),
    (re.compile(r"(?:[\w.+%\-]{1,64}')?[\w.+%\-]{1,64}(?:@|%40)[\w\-]+(?:\.[\w\-]+)+"), "[e-mail]"),
    # PostgreSQL quotes values: whole rows in the details of an error, a single one in what it could not read, the
    # statement around the place where it stopped. All of it may be about a person. An error within a text is written
    # with \n for each line's end.
    (re.compile(rf"(?:DETAIL|CONTEXT|QUERY|STATEMENT): .*?{_END_OF_ERROR}", re.DOTALL), "[details]"),
    (re.compile(rf"LINE \d+: .*?{_END_OF_ERROR}", re.DOTALL), "[statement]"),
    (
        re.compile(r"(invalid (?:input|byte|value)[^:\n]{0,80}: |out of range: |malformed [^:\n]{0,40}: )\S.*"),
        r"\1[hidden]",
    ),
)
_HIDDEN_KEYS = re.compile(r"(?i)(password|secret|token|authorization|cookie|api_key|private_key)$")
_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._\-]{8,64}")
_QUIET_PATHS = ("/healthz", "/readyz", "/metrics", "/static/")

log = structlog.get_logger("request")


def scrub(value: Any) -> Any:
    """The value without tokens, keys and mail addresses, through lists and dicts."""
    if isinstance(value, str):
        for pattern, replacement in _SCRUBBED:
            value = pattern.sub(replacement, value)
        return value
    if isinstance(value, dict):
        return {key: "[hidden]" if _HIDDEN_KEYS.search(str(key)) else scrub(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [scrub(item) for item in value]
    return value


def _scrub_event(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    meta = {key: event[key] for key in ("_record", "_from_structlog") if key in event}
    cleaned: dict[str, Any] = scrub({key: value for key, value in event.items() if key not in meta})
    return {**cleaned, **meta}


def _render_unknown(value: Any) -> str:
    """Objects in an event are written by their repr, which is scrubbed like any text."""
    return str(scrub(repr(value)))


def configure(config: dict[str, Any]) -> None:
    """Set up structlog and the standard library's logging to write the same lines to stderr."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    renderer: Any = structlog.processors.JSONRenderer(default=_render_unknown)
    if config["format"] == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": [_scrub_event, structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    }
    logging.config.dictConfig(_standard_library(formatter, config["level"]))
    _hook_celery()


def _standard_library(formatter: dict[str, Any], level: str) -> dict[str, Any]:
    own = {"handlers": ["stderr"], "level": level, "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Taken over from gunicorn, whose own handlers would write paths unscrubbed.
            "gunicorn.error": own,
            "gunicorn.access": own,
            "django": {"level": level},
            # Every request has its line already; 4xx is not worth a second one.
            "django.request": {"level": "ERROR"},
            "django.db.backends": {"level": "INFO"},
            "httpcore": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
        },
    }


class RequestLogMiddleware:
    """Gives each request an id, binds it to every log line of the request, and writes one line at its end."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = request.headers.get("X-Request-ID", "")
        if not _SANE_REQUEST_ID.fullmatch(request_id):
            request_id = uuid7().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        # Taken before the address middleware strips the merchant's prefix.
        method, path = request.method, request.path
        started = time.monotonic()
        try:
            response = self.get_response(request)
            response.headers["X-Request-ID"] = request_id
            write = log.debug if path.startswith(_QUIET_PATHS) else log.info
            write(
                "request",
                method=method,
                path=path,
                status=response.status_code,
                milliseconds=round((time.monotonic() - started) * 1000, 1),
                merchant_id=getattr(getattr(request, "merchant", None), "pk", None),
            )
        finally:
            structlog.contextvars.clear_contextvars()
        return response


def _hook_celery() -> None:
    """Celery leaves our handlers alone, and a task's lines carry its id and that of the request that sent it."""
    signals.setup_logging.connect(_keep_logging, dispatch_uid="core.logs")
    signals.before_task_publish.connect(_send_request_id, dispatch_uid="core.logs")
    signals.task_prerun.connect(_bind_task, dispatch_uid="core.logs")
    signals.task_postrun.connect(_unbind_task, dispatch_uid="core.logs")


def _keep_logging(**kwargs: Any) -> None:
    """A receiver on this signal is what keeps Celery from configuring logging itself."""


def _send_request_id(headers: dict[str, Any] | None = None, **kwargs: Any) -> None:
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if headers is not None and request_id:
        headers.setdefault("request_id", request_id)


def _bind_task(task_id: str, task: Any, **kwargs: Any) -> None:
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task_id=task_id, task=task.name)
    if request_id := getattr(task.request, "request_id", None):
        structlog.contextvars.bind_contextvars(request_id=request_id)


def _unbind_task(**kwargs: Any) -> None:
    structlog.contextvars.clear_contextvars()
