"""The shop's settings: one page, for the merchant of the address and no other."""

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from core.admin.bases import ModelForm
from core.admin.fields import MoneyField, NumbersField, TimesField
from core.admin.model_admin import ScopedModelAdmin
from core.admin.registry import register
from merchants.middleware import merchant_of
from merchants.models import Merchant

WEEKDAYS = tuple(enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")))


class SettingsForm(ModelForm[Merchant]):
    window_cut_offs = TimesField(
        label="Cut-off times",
        required=False,
        help_text="In the shop’s time zone, like 15:00, 17:30. A window that would run past one of them closes at it.",
    )
    blackout_weekdays = NumbersField(
        choices=WEEKDAYS,
        label="Days without packing",
        required=False,
        help_text="Time on these days does not count: windows pause and go on the next day.",
    )

    class Meta:
        model = Merchant
        fields: ClassVar[list[str]] = [
            "name",
            "support_email",
            "address_line",
            "locale",
            "window_minutes",
            "window_cut_offs",
            "blackout_weekdays",
            "brand_colour",
            "link_charge_limit_minor",
        ]
        help_texts: ClassVar[dict[str, str]] = {
            "locale": "Language and number format of the shopper’s pages, like en-GB or pt-PT.",
            "window_minutes": "How long shoppers may change an order, in minutes: from 60 (1 hour) to 1440 (24 hours).",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "link_charge_limit_minor" in self.fields:
            self.fields["link_charge_limit_minor"] = MoneyField(
                currency=self.instance.currency,
                label=f"Limit for links, {self.instance.currency}",
                help_text="The most that a link from a mail may charge to the saved card of one order.",
            )
        if "brand_colour" in self.fields:
            self.fields["brand_colour"].widget = forms.TextInput(attrs={"type": "color", "class": "pro-colour"})


@register(Merchant)
class SettingsAdmin(ScopedModelAdmin[Merchant]):
    menu_name = "Settings"
    form = SettingsForm
    personal_fields = frozenset({"support_email", "address_line"})
    fieldsets = (
        ("The shop", {"fields": ("name", "support_email", "address_line", "locale")}),
        ("Golden Window", {"fields": ("window_minutes", "window_cut_offs", "blackout_weekdays")}),
        ("Look", {"fields": ("brand_colour",)}),
        ("Charges", {"fields": ("link_charge_limit_minor",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Merchant]:
        return Merchant.objects.filter(pk=merchant_of(request).pk)

    def object_title(self, obj: Merchant) -> str:
        return "Settings"

    def object_context(self, request: HttpRequest, obj: Merchant) -> dict[str, Any]:
        # There is no list to go back to: the menu's entry is this page.
        return {**super().object_context(request, obj), "list_url": "", "list_title": ""}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return HttpResponseRedirect(self.page_url("change", merchant_of(request).pk))
