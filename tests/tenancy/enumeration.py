"""All that there is: models, API routes, admin pages, portal pages. Read from the running project, never listed."""

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver

from core.models import TenantModel


def tenant_models() -> list[type[Model]]:
    return [model for model in apps.get_models() if issubclass(model, TenantModel)]


def routes(urlconf: str) -> Iterator[tuple[str, str]]:
    """(namespaced name, pattern) of each address of a URL table."""
    yield from _walk(get_resolver(urlconf).url_patterns, "", "")


def _walk(patterns: list[URLPattern | URLResolver], space: str, prefix: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, inner, address)
        else:
            yield f"{space}{pattern.name or ''}", address


def merchant_routes() -> dict[str, str]:
    return dict(routes(settings.MERCHANT_URLCONF))


def platform_routes() -> dict[str, str]:
    return dict(routes(settings.ROOT_URLCONF))
