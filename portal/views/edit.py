import uuid
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from core import formats
from core.errors import DomainError
from editing.selectors import edit_session_holding
from editing.services.commit import edit_commit
from editing.services.saga import saga_drive
from merchants.middleware import merchant_of
from orders.errors import OrderCancelled, WindowClosed
from portal.pages.edit import Search, edit_page
from portal.pages.refusal import no_longer_sold, refusal
from portal.pages.shop import Notice
from portal.selectors import items_search
from portal.services.drafts import draft_quote, draft_set
from portal.views.frame import Visit, order_door, show
from portal.views.order import show_order

LONGEST_QUERY = 80


@require_http_methods(["GET", "HEAD", "POST"])
@order_door
def edit(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Put a change together: POST sets how many of one item it adds, GET shows it with its price."""
    if request.method == "POST":
        return _set(request, visit)
    if not (visit.order.window and visit.order.window.is_open):
        return redirect("portal:order", visit.order.id)
    under_way = edit_session_holding(visit.order.id)
    if under_way is not None:
        return redirect("portal:change", visit.order.id, under_way.pk)
    return _show(request, visit)


@require_POST
@order_door
def commit(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The button that charges. The quote is the idempotency key, so pressing twice is one change."""
    try:
        quote_id, due = uuid.UUID(request.POST.get("quote", "")), int(request.POST.get("due", ""))
    except ValueError:
        return redirect("portal:edit", visit.order.id)
    try:
        session = edit_commit(
            order_id=visit.order.id,
            quote_id=quote_id,
            expected_due_minor=due,
            idempotency_key=f"portal:{quote_id}",
            actor=visit.actor,
        )
    except DomainError as error:
        return _refused(request, visit, error)
    saga_drive(session.pk)
    return redirect("portal:change", visit.order.id, session.pk)


def _set(request: HttpRequest, visit: Visit) -> HttpResponse:
    try:
        variant_id, quantity = uuid.UUID(request.POST.get("variant", "")), int(request.POST.get("quantity", ""))
    except ValueError:
        return redirect("portal:edit", visit.order.id)
    try:
        draft_set(order_id=visit.order.id, actor=visit.actor, variant_id=variant_id, quantity=quantity)
    except DomainError as error:
        return _refused(request, visit, error)
    address = reverse("portal:edit", args=[visit.order.id])
    query = _query(request.POST.get("q", ""))
    return HttpResponseRedirect(f"{address}?{urlencode({'q': query})}" if query else address, status=303)


def _refused(request: HttpRequest, visit: Visit, error: DomainError) -> HttpResponse:
    """The same page with what was wrong; once the window is shut, the order page."""
    merchant = merchant_of(request)
    limit = formats.money(merchant.link_charge_limit_minor, merchant.currency, merchant.locale)
    notice = refusal(error, limit=limit)
    if isinstance(error, (WindowClosed, OrderCancelled)):
        return show_order(request, visit, notice=notice, status=error.kind.status)
    return _show(request, visit, notice=notice, status=error.kind.status)


def _show(request: HttpRequest, visit: Visit, *, notice: Notice | None = None, status: int = 200) -> HttpResponse:
    order = visit.order
    query = _query(request.GET.get("q", "") or request.POST.get("q", ""))
    items, total = items_search(order_id=order.id, currency=order.currency, query=query)
    quote, dropped = draft_quote(order_id=order.id, actor=visit.actor)
    if dropped and notice is None:
        notice = no_longer_sold(dropped)
    page = edit_page(order, visit.words, quote=quote, search=Search(query, items, total), notice=notice)
    return show(request, "edit", page, status=status)


def _query(text: str) -> str:
    return " ".join(text.replace("\x00", " ").split())[:LONGEST_QUERY]
