"""The page that takes a file: what it holds, and the file itself, which goes to the database in parts."""

from typing import Any

from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from connectors.models import ImportKind, ImportProfile
from connectors.services.profiles import profiles_ensure
from connectors.services.runs import FILE_KEPT_FOR, FILE_PURPOSE, run_create_from_upload
from core.admin.model_admin import ScopedModelAdmin
from core.files import file_store
from core.uploads import is_refused
from merchants.models import User


class UploadForm(forms.Form):
    profile = forms.ChoiceField(
        label="What is in the file?", help_text="The profile says how its columns are read. You can make your own."
    )
    file = forms.FileField(label="File", max_length=255)

    def __init__(self, *args: Any, is_refused: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.profiles = {str(profile.pk): profile for profile in ImportProfile.objects.order_by("title")}
        self.fields["profile"].choices = [("", "Choose"), *_by_kind(self.profiles)]  # type: ignore[attr-defined]
        limit = f"{settings.UPLOAD_MAX_BYTES // 1_000_000:,} MB"
        file = self.fields["file"]
        file.help_text = f"CSV, up to {limit}. Drop it here or choose it."
        file.widget.attrs.update({"accept": ".csv,.tsv,.txt,text/csv", "class": "pro-drop"})
        file.error_messages["required"] = (
            f"The file is larger than {limit}. Split it and import the parts one after the other."
            if is_refused
            else "Choose a file."
        )
        file.error_messages["empty"] = "The file is empty."
        self.fields["profile"].error_messages["required"] = "Choose what is in the file."

    @property
    def chosen(self) -> ImportProfile:
        return self.profiles[self.cleaned_data["profile"]]


def _by_kind(profiles: dict[str, ImportProfile]) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (label, [(pk, profile.title) for pk, profile in profiles.items() if profile.kind == kind])
        for kind, label in ImportKind.choices
    ]


def upload_page(page: ScopedModelAdmin[Any], request: HttpRequest) -> HttpResponse:
    profiles_ensure()
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES, is_refused=is_refused(request))
        if form.is_valid():
            return _take(page, request, form)
    else:
        form = UploadForm()
    context = {
        **page.admin_site.each_context(request),
        "title": "Import a file",
        "form": form,
        "errors": form.errors,
        "list_url": page.page_url("changelist"),
        "list_title": page.title_plural,
        "profiles_url": reverse("admin:connectors_importprofile_changelist"),
        "opts": page.opts,
    }
    return TemplateResponse(request, "admin/connectors/upload.html", context)


def _take(page: ScopedModelAdmin[Any], request: HttpRequest, form: UploadForm) -> HttpResponse:
    upload = form.cleaned_data["file"]
    user = request.user if isinstance(request.user, User) else None
    with transaction.atomic():
        file = file_store(upload.chunks(), purpose=FILE_PURPOSE, name=upload.name or "file", keep=FILE_KEPT_FOR)
        run = run_create_from_upload(profile=form.chosen, file=file, started_by=user)
        # The name of a file may be somebody's; the log keeps what kind and how large.
        page.admin_site.record(request, run, "uploaded", {}, {"kind": run.kind, "size": run.size})
    return HttpResponseRedirect(page.page_url("change", run.pk))
