"""The page of merchants: list, creation, closing, deletion, export. What it does is in merchants/services."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString

from core import clock
from core.admin.bases import ModelForm
from core.admin.filters import OneOf
from core.admin.model_admin import ObjectPageAdmin
from core.admin.paging import CappedPaginator
from core.admin.registry import Action, Column, Context, Panel, add_action, add_column, add_panel
from core.admin.tags import tag
from core.admin.words import words_of
from core.errors import DomainError
from core.models import OutboxEvent
from core.tenancy import tenant_scope
from merchants.models import Membership, Merchant, MerchantExport, User
from merchants.services.export_zip import export_zip
from merchants.services.exports import export_record, export_request
from merchants.services.invitations import owner_invite
from merchants.services.lifecycle import GRACE, merchant_delete, merchant_keep, merchant_suspend, merchant_unsuspend
from merchants.services.merchants import merchant_create

PAGE = "platform.Merchant"
EXPORTS_SHOWN = 5


def state_of(merchant: Merchant) -> tuple[str, str]:
    """(tone, words)"""
    if merchant.delete_after is not None:
        return "bad", "To be deleted"
    return ("warn", "Suspended") if merchant.is_suspended else ("ok", "Open")


class StateFilter(OneOf):
    title = "state"
    parameter_name = "state"
    options = (("open", "Open"), ("suspended", "Suspended"), ("leaving", "To be deleted"))

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if value == "leaving":
            return queryset.filter(delete_after__isnull=False)
        return queryset.filter(delete_after=None, is_suspended=value == "suspended")


class AddForm(ModelForm[Merchant]):
    time_zone = forms.ChoiceField(
        choices=[(name, name.replace("_", " ")) for name in sorted(available_timezones())], initial="UTC"
    )
    owner_email = forms.EmailField(
        label="Owner’s email", help_text="Gets a mail with a link to set a password, and may then add others."
    )

    class Meta:
        model = Merchant
        fields: ClassVar[list[str]] = ["name", "slug", "currency", "time_zone", "locale"]
        labels: ClassVar[dict[str, str]] = {"slug": "Address", "locale": "Language"}
        help_texts: ClassVar[dict[str, str]] = {
            "slug": "Small letters, figures and hyphens; a part of the shop’s web address. It cannot be changed later.",
            "currency": "Three letters, like EUR. It cannot be changed later.",
            "locale": "Language and number format of the shopper’s pages, like en-GB or pt-PT.",
        }

    def clean_slug(self) -> str:
        """Two shops whose addresses differ by capitals alone would be taken for one."""
        return str(self.cleaned_data["slug"]).lower()

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Staff of the shop read it when they sign in. Shoppers do not.",
    )


class SlugForm(forms.Form):
    slug = forms.CharField(label="Address", max_length=50, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class CountingPaginator(CappedPaginator):
    """Merchants are thousands, not millions: all are counted, so that every page of the list can be reached."""

    is_capped = False

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by().count()


class MerchantsAdmin(ObjectPageAdmin[Merchant]):
    menu_name = "Merchants"
    add_label = "Add a merchant"
    add_button = "Create and mail the owner"
    form = AddForm
    list_display = ("slug",)
    list_filter = (StateFilter,)
    ordering = ("slug",)
    search_fields = ("slug",)
    search_help_text = "Part of the name or address, or a whole email address of its staff"
    list_empty = "No merchant yet. Add the first one."
    sortable_by = ("slug",)
    paginator = CountingPaginator

    @property
    def page(self) -> str:
        return PAGE

    def get_fields(self, request: HttpRequest, obj: Merchant | None = None) -> list[Any]:
        return ["name", "slug", "currency", "time_zone", "locale", "owner_email"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Merchant], search_term: str
    ) -> tuple[QuerySet[Merchant], bool]:
        term = search_term.strip()
        if "@" in term:
            staff = Membership.objects.filter(user__email=term.lower()).values("merchant_id")
            return queryset.filter(pk__in=staff), False
        return (queryset.filter(Q(slug__icontains=term) | Q(name__icontains=term)) if term else queryset), False

    def object_tags(self, request: HttpRequest, obj: Merchant) -> Sequence[tuple[str, str]]:
        return [state_of(obj)]

    def object_context(self, request: HttpRequest, obj: Merchant) -> dict[str, Any]:
        links = []
        if not obj.is_suspended:
            links.append({"label": "Suspend", "url": self.page_url("suspend", obj.pk)})
        if obj.delete_after is None:
            links.append({"label": "Delete", "url": self.page_url("remove", obj.pk)})
        return {**super().object_context(request, obj), "object_links": links}

    def save_model(self, request: HttpRequest, obj: Merchant, form: ModelForm[Merchant], change: bool) -> None:
        data = form.cleaned_data
        made = merchant_create(
            created_by=_operator(request),
            **{name: data[name] for name in ("slug", "name", "currency", "time_zone", "locale", "owner_email")},
        )
        obj.pk = made.pk
        transaction.on_commit(lambda: _invite_all(request, made))

    def get_urls(self) -> list[URLPattern]:
        own: list[tuple[str, str, Any]] = [
            ("<int:pk>/suspend/", "suspend", self.suspend_view),
            ("<int:pk>/remove/", "remove", self.remove_view),
            ("<int:pk>/exports/<uuid:export_id>/", "export", self.download_view),
        ]
        guarded = [
            path(route, self.admin_site.admin_view(view), name=self._url_name(name)) for route, name, view in own
        ]
        return [*guarded, *super().get_urls()]

    def suspend_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        merchant = self._merchant(request, pk, "suspend")
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            merchant_suspend(merchant_id=merchant.pk, reason=form.cleaned_data["reason"], by=_operator(request))
            messages.success(request, f"{merchant} is suspended.")
            return HttpResponseRedirect(self.page_url("change", merchant.pk))
        intro = (
            "Its portal, API and admin close at once. Edits under way end as they must; mails and webhooks go on. "
            "Nothing is deleted, and you can open it again."
        )
        return self._question(request, merchant, form, f"Suspend {merchant}", intro, "Suspend")

    def remove_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        merchant = self._merchant(request, pk, "delete")
        form = SlugForm(request.POST or None)
        form.fields["slug"].help_text = f"Type {merchant.slug} to confirm."
        if form.is_valid():
            try:
                gone = merchant_delete(
                    merchant_id=merchant.pk, typed_slug=form.cleaned_data["slug"], by=_operator(request)
                )
            except DomainError as error:
                form.add_error("slug", str(error))
            else:
                at = words_of(request).moment(gone.delete_after)
                messages.success(
                    request, f"{merchant} is closed and will be deleted on {at}. Until then you can keep it."
                )
                return HttpResponseRedirect(self.page_url("change", merchant.pk))
        intro = (
            f"It closes at once. After {GRACE.days} days everything it has here is deleted for good: orders, "
            "customers, payments’ records, mails, history, and the accounts of staff who work nowhere else. "
            "Until then you can take it back. Nothing changes at Stripe. If the merchant wants its data, export first."
        )
        return self._question(request, merchant, form, f"Delete {merchant}", intro, "Close now and delete later")

    def download_view(self, request: HttpRequest, pk: int, export_id: Any) -> StreamingHttpResponse:
        merchant = self._merchant(request, pk, "export")
        with tenant_scope(merchant.pk):
            ready = MerchantExport.objects.filter(state=MerchantExport.State.DONE, expires_at__gt=clock.now())
            export = ready.filter(pk=export_id).first()
            if export is None:
                raise Http404
            export_record(export, "downloaded", _operator(request))
        return StreamingHttpResponse(
            export_zip(export, merchant),
            content_type="application/zip",
            headers={
                "Content-Disposition": f'attachment; filename="{merchant.slug}-{export.created_at:%Y-%m-%d}.zip"',
                "Cache-Control": "no-store",
            },
        )

    def _merchant(self, request: HttpRequest, pk: int, action: str) -> Merchant:
        merchant = self.get_object(request, str(pk))
        if not self._may(request, action):
            raise PermissionDenied
        return merchant

    def _question(
        self, request: HttpRequest, merchant: Merchant, form: forms.Form, title: str, intro: str, button: str
    ) -> HttpResponse:
        """A page that asks for one thing before something is done."""
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "intro": intro,
            "form": form,
            "button": button,
            "object_title": str(merchant),
            "back_url": self.page_url("change", merchant.pk),
            "list_url": self.page_url("changelist"),
            "list_title": self.title_plural,
            "opts": self.opts,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/platform_question.html", context)


def _operator(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _invite_all(request: HttpRequest, merchant: Merchant) -> str:
    """Mail every owner; what went wrong is said beside what was done."""
    with tenant_scope(merchant.pk):
        owners = [one.user for one in Membership.objects.filter(role="owner").select_related("user")]
        for owner in owners:
            try:
                owner_invite(merchant=merchant, user=owner)
            except OSError:  # smtplib's errors are OSErrors too
                messages.warning(request, f"The mail to {owner.email} could not be sent. Try again from this page.")
    return f"Owners are mailed: {', '.join(owner.email for owner in owners) or 'there are none'}."


def _names(request: HttpRequest, merchants: Sequence[Merchant]) -> Mapping[Any, str]:
    return {merchant.pk: merchant.name for merchant in merchants}


def _states(request: HttpRequest, merchants: Sequence[Merchant]) -> Mapping[Any, SafeString]:
    return {merchant.pk: tag(words, tone) for merchant in merchants for tone, words in [state_of(merchant)]}


def _since(request: HttpRequest, merchants: Sequence[Merchant]) -> Mapping[Any, str]:
    return {merchant.pk: words_of(request).moment(merchant.created_at) for merchant in merchants}


def _facts(request: HttpRequest, merchant: Merchant) -> Context:
    owners = Membership.objects.filter(merchant_id=merchant.pk, role="owner").order_by("created_at")
    dead = OutboxEvent.objects.filter(merchant_id=merchant.pk, state=OutboxEvent.State.DEAD).count()
    return {
        "title": "Merchant",
        "facts": [
            ("Address", f"/m/{merchant.slug}/"),
            ("Currency", merchant.currency),
            ("Time zone", merchant.time_zone),
            ("Language", merchant.locale),
            ("Owners", ", ".join(owners.values_list("user__email", flat=True)[:10]) or "–"),
            ("Given-up events", str(dead)),
            ("Since", words_of(request).moment(merchant.created_at)),
        ],
    }


def _closed(request: HttpRequest, merchant: Merchant) -> Context | None:
    if not merchant.is_suspended:
        return None
    words = words_of(request)
    facts = []
    if merchant.suspended_at is not None or merchant.delete_after is None:
        facts += [
            ("Suspended", words.moment(merchant.suspended_at)),
            ("Reason", merchant.suspension_reason or "–"),
        ]
    if merchant.delete_after is not None:
        facts += [
            ("Deletion asked for", words.moment(merchant.deletion_requested_at)),
            ("By", merchant.deletion_requested_by or "–"),
            ("Deleted from", words.moment(merchant.delete_after)),
        ]
    return {"title": "Closed", "facts": facts}


def _exports(request: HttpRequest, merchant: Merchant) -> Context:
    words = words_of(request)
    exports = MerchantExport.objects.filter(merchant_id=merchant.pk).order_by("-created_at")[:EXPORTS_SHOWN]
    return {
        "title": "Exports",
        "exports": [
            {
                "id": export.pk,
                "at": words.moment(export.created_at),
                "by": export.requested_by,
                "state": "Expired" if _is_over(export) else export.get_state_display(),
                "rows": words.number(sum(one["rows"] for one in export.slices)),
                "is_ready": export.state == MerchantExport.State.DONE and not _is_over(export),
                "until": words.moment(export.expires_at),
            }
            for export in exports
        ],
        "merchant_id": merchant.pk,
    }


def _is_over(export: MerchantExport) -> bool:
    return export.state == MerchantExport.State.DONE and export.expires_at <= clock.now()


def _export(request: HttpRequest, merchant: Merchant) -> str:
    export_request(merchant_id=merchant.pk, by=_operator(request))
    return "The export is being written. It appears below, with a link that works for seven days."


def _unsuspend(request: HttpRequest, merchant: Merchant) -> str:
    merchant_unsuspend(merchant_id=merchant.pk, by=_operator(request))
    return f"{merchant} is open again."


def _keep(request: HttpRequest, merchant: Merchant) -> str:
    kept = merchant_keep(merchant_id=merchant.pk, by=_operator(request))
    return f"{merchant} is kept" + (", and suspended as before." if kept.is_suspended else " and open again.")


def _button(name: str, label: str, action: str, run: Any, *, is_atomic: bool = True, **more: Any) -> None:
    """Their services write the audit line themselves, into the merchant's own log."""
    add_action(PAGE, Action(name, name, label, (PAGE, action), run, is_audited_here=False, is_atomic=is_atomic, **more))


add_column(PAGE, Column("merchant_name", "Name", _names, rank=10))
add_column(PAGE, Column("state", "State", _states, rank=20))
add_column(PAGE, Column("since", "Since", _since, rank=30))
add_panel(PAGE, Panel("closed", "admin/pro/facts.html", _closed, rank=10))
add_panel(PAGE, Panel("facts", "admin/pro/facts.html", _facts, rank=20))
add_panel(PAGE, Panel("exports", "admin/platform_exports.html", _exports, rank=30))
_button("keep", "Keep it", "delete", _keep, is_offered=lambda merchant: merchant.delete_after, is_primary=True)
_button(
    "unsuspend",
    "Open again",
    "suspend",
    _unsuspend,
    is_offered=lambda merchant: merchant.is_suspended and not merchant.delete_after,
    is_primary=True,
)
_button("export", "Export", "export", _export)
_button("invite", "Mail the owners again", "add", _invite_all, is_atomic=False)
