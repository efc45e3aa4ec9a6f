"""API keys: issued with their scopes, shown once, revoked for good."""

from collections.abc import Mapping, Sequence
from typing import ClassVar
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString

from core.admin.bases import ModelForm
from core.admin.model_admin import ObjectPageAdmin
from core.admin.registry import Action, Column, Context, Panel, add_action, add_column, add_panel, register
from core.admin.tags import NONE, tag
from core.admin.words import words_of
from merchants.middleware import merchant_of
from merchants.models import ApiKey
from merchants.models.api_key import SCOPES
from merchants.services.api_keys import api_key_issue, api_key_revoke

PAGE = "merchants.ApiKey"


class IssueForm(ModelForm[ApiKey]):
    scopes = forms.MultipleChoiceField(
        choices=[(scope, f"{text} ({scope})") for scope, text in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
        label="May",
        help_text="Give a key no more than its program needs.",
    )

    class Meta:
        model = ApiKey
        fields: ClassVar[list[str]] = ["name", "kind", "scopes"]
        help_texts: ClassVar[dict[str, str]] = {"name": "The program that will use it, like “Warehouse”."}


@register(ApiKey)
class ApiKeyAdmin(ObjectPageAdmin[ApiKey]):
    menu_name = "API keys"
    add_label = "Issue a key"
    add_button = "Issue key"
    list_display = ("name",)
    sortable_by = ("name",)
    ordering = ("-created_at",)
    list_empty = "No key yet. Issue one to send orders through the API."
    form = IssueForm
    fields = ("name", "kind", "scopes")

    def save_model(self, request: HttpRequest, obj: ApiKey, form: ModelForm[ApiKey], change: bool) -> None:
        data = form.cleaned_data
        key, secret = api_key_issue(
            merchant_id=merchant_of(request).pk,
            name=data["name"],
            kind=data["kind"],
            scopes=data["scopes"],
            actor_type="user",
            actor_id=request.user.pk,
        )
        obj.pk, obj.prefix = key.pk, key.prefix
        request.issued_secret = secret  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None) -> HttpResponse:
        """The one page on which the secret stands; it is not stored, so going back to it is impossible."""
        context = {
            **self.admin_site.each_context(request),
            "title": "Copy the new key now",
            "intro": "We keep only a fingerprint of it. When you leave this page, nobody can show it again.",
            "secret": request.issued_secret,  # type: ignore[attr-defined]
            "label": f"Key “{obj.name}”",
            "back_url": self.page_url("changelist"),
            "back_label": "I have copied it",
        }
        response = TemplateResponse(request, "admin/pro/shown_once.html", context)
        response.headers["Cache-Control"] = "no-store"
        return response


def _states(request: HttpRequest, keys: Sequence[ApiKey]) -> Mapping[UUID, SafeString]:
    return {key.pk: tag("Live", "ok") if key.is_live else tag("Revoked") for key in keys}


def _prefixes(request: HttpRequest, keys: Sequence[ApiKey]) -> Mapping[UUID, str]:
    return {key.pk: f"{key.prefix}…" for key in keys}


def _used(request: HttpRequest, keys: Sequence[ApiKey]) -> Mapping[UUID, str]:
    words = words_of(request)
    return {key.pk: words.moment(key.last_used_at) if key.last_used_at else "Never" for key in keys}


def _facts(request: HttpRequest, key: ApiKey) -> Context:
    words = words_of(request)
    return {
        "title": "Key",
        "facts": [
            ("Starts with", f"{key.prefix}…"),
            ("Kind", key.get_kind_display()),
            ("May", "; ".join(SCOPES.get(scope, scope) for scope in key.scopes) or NONE),
            ("Issued", words.moment(key.created_at)),
            ("Last used", words.moment(key.last_used_at)),
            ("Revoked", words.moment(key.revoked_at)),
        ],
    }


def _revoke(request: HttpRequest, key: ApiKey) -> str:
    api_key_revoke(key=key, actor_type="user", actor_id=request.user.pk)
    return "The key is revoked. Requests with it are refused from now on."


add_column(PAGE, Column("prefix", "Starts with", _prefixes, rank=10))
add_column(PAGE, Column("state", "State", _states, rank=20))
add_column(PAGE, Column("used", "Last used", _used, rank=30))
add_panel(PAGE, Panel("facts", "admin/pro/facts.html", _facts))
add_action(
    PAGE,
    Action(
        "revoke",
        "revoked",
        "Revoke this key",
        (PAGE, "revoke"),
        _revoke,
        is_offered=lambda key: key.is_live,
        is_audited_here=False,
    ),
)
