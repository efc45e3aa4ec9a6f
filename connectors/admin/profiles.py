"""Import profiles: the shipped ones and the shop's own, each a page with a row for every column."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from connectors.admin.profile_form import DEFAULTS, ROW_LABELS, ProfileForm, RowSet, parse, rows_of
from connectors.imports.profile import Profile
from connectors.models import ImportProfile
from connectors.services.profiles import is_as_shipped, profile_change, profile_reset, profiles_ensure
from core.admin.bases import ModelForm
from core.admin.model_admin import ScopedModelAdmin
from core.admin.registry import Action, Column, add_action, add_column, register
from core.admin.tags import tag

PROFILE = "connectors.ImportProfile"


class CopyForm(ModelForm[ImportProfile]):
    """A new profile begins as a copy: nobody writes forty columns from nothing."""

    template = forms.ModelChoiceField(
        queryset=ImportProfile.objects.none(),
        label="Begin as a copy of",
        empty_label="Choose",
        help_text="The one whose files look most like yours. It decides what the file holds: orders, products …",
    )

    class Meta:
        model = ImportProfile
        fields: ClassVar[list[str]] = ["title", "name"]
        labels: ClassVar[dict[str, str]] = {"title": "Name", "name": "Name for commands"}
        help_texts: ClassVar[dict[str, str]] = {"name": "Letters, digits, dashes and underscores, like my_orders."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "template" in self.fields:
            self.fields["template"].queryset = ImportProfile.objects.order_by("title")  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if ImportProfile.objects.filter(name=name).exists():
            raise ValidationError("There is a profile with this name already.")
        return name


@register(ImportProfile)
class ProfileAdmin(ScopedModelAdmin[ImportProfile]):
    menu_name = "Import profiles"
    add_label = "New profile"
    add_button = "Make profile"
    list_display = ("title",)
    ordering = ("kind", "title", "id")
    list_intro = "How the columns of a file are read. Change those that came with the platform, or make your own."
    form = CopyForm
    fields = ("title", "name", "template")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        profiles_ensure()
        return super().changelist_view(request, extra_context)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        profiles_ensure()
        return super().add_view(request, form_url, extra_context)

    def save_model(
        self, request: HttpRequest, obj: ImportProfile, form: ModelForm[ImportProfile], change: bool
    ) -> None:
        template: ImportProfile = form.cleaned_data["template"]
        obj.kind, obj.settings = template.kind, template.settings
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: ImportProfile, post_url_continue: str | None = None
    ) -> HttpResponse:
        messages.success(request, f"{obj} is made. Now say what its columns are called.")
        return HttpResponseRedirect(self.page_url("change", obj.pk))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        profile = self.get_object(request, unquote(object_id))
        if not self.has_change_permission(request, profile):
            raise PermissionDenied
        # What an older version stored is shown as it stands; saving it asks for what is wrong.
        settings = {**DEFAULTS, **profile.settings, "kind": profile.kind}
        data = request.POST if request.method == "POST" else None
        form = ProfileForm(data, kind=profile.kind, initial={**settings, "title": profile.title})
        rows = RowSet(data, initial=rows_of(settings), prefix="rows", form_kwargs={"kind": profile.kind})
        if data is not None and (parsed := parse(form, rows)) is not None:
            return self._save(request, profile, form.cleaned_data["title"], parsed)
        context = {
            **self.admin_site.each_context(request),
            **self.object_context(request, profile),
            "form": form,
            "rows": rows,
            "row_labels": ROW_LABELS.values(),
            "errors": data is not None,
            "is_changed": profile.shipped_as and not is_as_shipped(profile),
            "opts": self.opts,
            "tags": [("", profile.get_kind_display()), ("", profile.name)],
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/connectors/profile.html", context)

    def _save(self, request: HttpRequest, profile: ImportProfile, title: str, parsed: Profile) -> HttpResponse:
        with transaction.atomic():
            before = {"title": profile.title, **profile.settings}
            profile_change(profile=profile, title=title, settings=parsed.dump())
            after = {"title": profile.title, **profile.settings}
            changed = [name for name in after if after[name] != before.get(name)]
            if changed:
                self.admin_site.record(
                    request,
                    profile,
                    "changed",
                    {name: before.get(name) for name in changed},
                    {name: after[name] for name in changed},
                )
        messages.success(request, "Your changes are saved.")
        return HttpResponseRedirect(self.page_url("change", profile.pk))


def _column(name: str, header: str, show: Callable[[ImportProfile], Any], rank: int) -> None:
    def values(request: HttpRequest, profiles: Sequence[ImportProfile]) -> Mapping[UUID, Any]:
        return {profile.pk: show(profile) for profile in profiles}

    add_column(PROFILE, Column(name, header, values, rank=rank))


def _origin(profile: ImportProfile) -> Any:
    if not profile.shipped_as:
        return tag("Your own", "info")
    return tag("As shipped") if is_as_shipped(profile) else tag("Changed", "warn")


_column("kind", "Contents", lambda profile: profile.get_kind_display(), 10)
_column("name", "Name for commands", lambda profile: profile.name, 20)
_column("origin", "Origin", _origin, 30)


def _reset(request: HttpRequest, profile: ImportProfile) -> str:
    profile_reset(profile=profile)
    return "The profile is as it was shipped."


add_action(
    PROFILE,
    Action(
        "reset",
        "reset",
        "Reset to the shipped one",
        (PROFILE, "change"),
        _reset,
        is_offered=lambda profile: bool(profile.shipped_as) and not is_as_shipped(profile),
        snapshot=lambda profile: {"is_as_shipped": is_as_shipped(ImportProfile.objects.get(pk=profile.pk))},
    ),
)
