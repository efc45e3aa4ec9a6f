"""Every error code that can be answered, found in the code: for the docs page and docs/errors.md."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from core.api.problems import HTTP_PROBLEMS
from core.errors import DomainError


@dataclass(frozen=True, slots=True)
class ListedError:
    code: str
    status: int
    message: str


def listed_errors() -> list[ListedError]:
    """Sorted by code. Raises ValueError when one code stands for two different refusals."""
    found = {code: ListedError(code, status, message) for status, (code, message) in HTTP_PROBLEMS.items()}
    seen: dict[str, type[DomainError]] = {}
    for error in _domain_errors():
        if seen.setdefault(error.code, error) is not error:
            raise ValueError(f"{error.code} is the code of both {seen[error.code].__name__} and {error.__name__}.")
        found[error.code] = ListedError(error.code, error.kind.status, error.message)
    return sorted(found.values(), key=lambda listed: listed.code)


def _domain_errors() -> Iterator[type[DomainError]]:
    import_module("core.api.errors")
    for app in apps.get_app_configs():
        if find_spec(f"{app.name}.errors") is not None:
            import_module(f"{app.name}.errors")
    waiting = list(DomainError.__subclasses__())
    while waiting:
        error = waiting.pop()
        waiting.extend(error.__subclasses__())
        # A base class that only groups others, or one of a test, is never answered.
        if "code" in vars(error) and not error.__module__.startswith("tests."):
            yield error
