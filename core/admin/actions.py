"""Running the registered actions. A run and its audit line are one transaction."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.text import capfirst

from core.admin.bases import ModelAdmin
from core.admin.registry import Action
from core.admin.site import ScopedAdminSite
from core.errors import DomainError

# What one press of a button may touch at most; a page has 50 rows.
BULK_LIMIT = 100


def run_action(site: ScopedAdminSite, request: HttpRequest, action: Action, obj: Model) -> str | HttpResponseBase:
    """Run the action and audit it. Raises DomainError when the service refuses."""
    with transaction.atomic() if action.is_atomic else nullcontext():
        before = action.snapshot(obj)
        outcome = action.run(request, obj)
        if action.is_audited_here:
            site.record(request, obj, action.done, before, action.snapshot(obj))
    return outcome


def bulk_action(action: Action) -> Callable[[ModelAdmin[Any], HttpRequest, QuerySet[Any]], None]:
    """The action as an entry of a list's menu. Refusals name their object and do not stop the others."""

    def run_on_all(model_admin: ModelAdmin[Any], request: HttpRequest, queryset: QuerySet[Any]) -> None:
        site = model_admin.admin_site
        if not isinstance(site, ScopedAdminSite):
            raise TypeError("Registered actions run on a scoped site.")
        done = 0
        for obj in queryset[:BULK_LIMIT]:
            if not action.is_offered(obj):
                messages.warning(request, f"{obj}: this cannot be done now.")
                continue
            try:
                run_action(site, request, action, obj)
                done += 1
            except DomainError as error:
                messages.warning(request, f"{obj}: {error}")
        if done:
            names = model_admin.opts.verbose_name if done == 1 else model_admin.opts.verbose_name_plural
            messages.success(request, f"{capfirst(action.list_label)}: done for {done} {names}.")

    return run_on_all
