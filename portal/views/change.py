"""A confirmed change: where it is, the way to the bank and back, and another try."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from core.errors import DomainError
from editing.errors import EditNotFound
from editing.models import EditSession
from editing.selectors import edit_session_get
from editing.services.resume import authentication_url, edit_refresh
from portal.facts import ChangeState
from portal.pages.change import change_page
from portal.pages.refusal import refusal
from portal.selectors import change_facts
from portal.services.drafts import draft_from
from portal.views.frame import Visit, order_door, show
from portal.views.order import show_order

_TEMPLATES = {
    ChangeState.WORKING: "progress",
    ChangeState.BANK: "authenticate",
    ChangeState.DECLINED: "declined",
    ChangeState.UNDONE: "stopped",
    ChangeState.EXPIRED: "stopped",
    ChangeState.PERSON: "person",
}


@require_safe
@order_door
def change(request: HttpRequest, visit: Visit, change_id: uuid.UUID) -> HttpResponse:
    facts = change_facts(_session(visit, change_id))
    if facts.state == ChangeState.APPLIED:
        return _leave(request, f"{reverse('portal:order', args=[visit.order.id])}?changed={change_id}")
    if facts.state in (ChangeState.DRAFT, ChangeState.DROPPED):
        return _leave(request, reverse("portal:edit", args=[visit.order.id]))
    if facts.state != ChangeState.WORKING and request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(request.path)
    return show(request, _TEMPLATES[facts.state], change_page(visit.order, facts, visit.words))


@require_safe
@order_door
def bank(request: HttpRequest, visit: Visit, change_id: uuid.UUID) -> HttpResponse:
    """On to the bank: the same payment however often. A link, as browsers let no form of ours lead to another site."""
    session = _session(visit, change_id)
    here = reverse("portal:returned", args=[visit.order.id, change_id])
    try:
        url = authentication_url(session_id=session.pk, return_url=request.build_absolute_uri(here))
    except DomainError as error:
        return show_order(request, visit, notice=refusal(error), status=error.kind.status)
    return redirect(url or reverse("portal:change", args=[visit.order.id, change_id]))


@require_safe
@order_door
def returned(request: HttpRequest, visit: Visit, change_id: uuid.UUID) -> HttpResponse:
    """Back from the bank: the provider is asked how it went; what stands in the address is not believed."""
    session = _session(visit, change_id)
    try:
        edit_refresh(session_id=session.pk)
    except DomainError as error:
        return show_order(request, visit, notice=refusal(error), status=error.kind.status)
    return redirect("portal:change", visit.order.id, session.pk)


@require_POST
@order_door
def retry(request: HttpRequest, visit: Visit, change_id: uuid.UUID) -> HttpResponse:
    try:
        draft_from(session=_session(visit, change_id), actor=visit.actor)
    except DomainError as error:
        return show_order(request, visit, notice=refusal(error), status=error.kind.status)
    return redirect("portal:edit", visit.order.id)


def _session(visit: Visit, change_id: uuid.UUID) -> EditSession:
    try:
        return edit_session_get(session_id=change_id, order_id=visit.order.id)
    except EditNotFound:
        raise Http404 from None


def _leave(request: HttpRequest, url: str) -> HttpResponse:
    """A page that htmx polls for is left as a whole."""
    return HttpResponseClientRedirect(url) if request.headers.get("HX-Request") else redirect(url)
