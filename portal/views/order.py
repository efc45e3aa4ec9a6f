import uuid

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from editing.models import EditSession
from editing.rules import EditState
from editing.selectors import edit_session_holding
from portal.pages.change import applied_notice
from portal.pages.order import order_page
from portal.pages.shop import Notice
from portal.selectors import change_facts
from portal.views.frame import Visit, order_door, show


@require_safe
@order_door
def order(request: HttpRequest, visit: Visit) -> HttpResponse:
    return show_order(request, visit, notice=_changed(visit, request.GET.get("changed", "")))


def show_order(request: HttpRequest, visit: Visit, *, notice: Notice | None = None, status: int = 200) -> HttpResponse:
    under_way = edit_session_holding(visit.order.id)
    working_url = reverse("portal:change", args=[visit.order.id, under_way.pk]) if under_way else ""
    page = order_page(visit.order, visit.words, notice=notice, working_url=working_url)
    return show(request, "order", page, status=status)


def _changed(visit: Visit, edit_id: str) -> Notice | None:
    """What the change that the shopper comes from has done; anything else in the address says nothing."""
    try:
        wanted = uuid.UUID(edit_id)
    except ValueError:
        return None
    session = EditSession.objects.filter(pk=wanted, order_id=visit.order.id, state=EditState.APPLIED).first()
    return applied_notice(visit.order, change_facts(session), visit.words) if session else None
