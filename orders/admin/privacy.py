"""Handing a shopper's data out and erasing it: two buttons on the customer page, for owners and managers."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from core.admin.registry import Action, Context, Panel, add_action, add_panel
from core.admin.words import words_of
from core.privacy.registry import keepers
from merchants.models import AuditEntry
from orders.admin.customers import PAGE
from orders.models import Customer, Order
from orders.services.privacy import ERASED, ErasureReason, customer_erase, customer_export_zip
from orders.services.revisions import Actor

# Typed by hand, so that it is nobody's slip. Not the name: it would stand in the request.
CONFIRMATION = "ERASE"
OTHERS_SHOWN = 10


def _export(request: HttpRequest, customer: Customer) -> HttpResponse:
    answer = HttpResponse(customer_export_zip(customer_id=customer.pk), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="customer-{customer.pk}.zip"'
    return answer


def _erase(request: HttpRequest, customer: Customer) -> HttpResponse:
    """The first press explains, the second one, with the word typed, erases."""
    typed, reason = request.POST.get("typed"), request.POST.get("reason", "")
    page = reverse("admin:orders_customer_change", args=[customer.pk])
    if typed is not None and typed.strip() == CONFIRMATION and reason in ErasureReason.values:
        customer_erase(customer_id=customer.pk, actor=Actor(AuditEntry.Actor.USER, str(request.user.pk)), reason=reason)
        messages.success(request, "Erased. What went and what stays is told below.")
        return HttpResponseRedirect(page)
    context = {
        "title": "Erase this customer",
        "customer": customer,
        "others": _others_at(customer),
        "orders": words_of(request).number(Order.objects.filter(customer_id=customer.pk).count()),
        "word": CONFIRMATION,
        "is_wrong": typed is not None,
        "reasons": ErasureReason.choices,
        "reason": reason,
        "page": page,
        "list_url": reverse("admin:orders_customer_changelist"),
    }
    return TemplateResponse(request, "admin/orders/erase.html", context)


def _others_at(customer: Customer) -> list[tuple[str, str]]:
    """Other customers with the same address, who are perhaps the same person: as a guest, or in another shop system."""
    others = Customer.objects.filter(email_normalised=customer.email_normalised).exclude(pk=customer.pk)
    found = others.exclude(email_normalised="").order_by("-pk")[:OTHERS_SHOWN]
    return [(str(other), reverse("admin:orders_customer_change", args=[other.pk])) for other in found]


def _erased(request: HttpRequest, customer: Customer) -> Context | None:
    """What became of an erased customer, as the audit log has it."""
    if customer.erased_at is None:
        return None
    entry = AuditEntry.objects.filter(object_type="customer", object_id=str(customer.pk), action=ERASED).first()
    told = dict(entry.after) if entry else {}
    titles = {keeper.section: keeper.title for keeper in keepers()}
    words = words_of(request)
    return {
        "at": words.moment(customer.erased_at),
        "reason": told.pop("reason", ""),
        "changed": [(titles.get(section, section), words.number(count)) for section, count in told.items()],
    }


add_panel(PAGE, Panel("erased", "admin/orders/erased.html", _erased, rank=1))
add_action(
    PAGE,
    Action(
        "export_data",
        "data_exported",
        "Export data",
        (PAGE, "export"),
        _export,
        is_offered=lambda customer: customer.erased_at is None,
        rank=80,
    ),
)
add_action(
    PAGE,
    Action(
        "erase",
        "erased",
        "Erase…",
        (PAGE, "erase"),
        _erase,
        is_offered=lambda customer: customer.erased_at is None,
        is_audited_here=False,
        rank=90,
    ),
)
