"""What all pages share: the shop's frame, the headers, and the door that a signed link opens."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from core import clock
from core.errors import DomainError
from merchants.middleware import merchant_of
from orders.services.revisions import Actor
from portal import facts
from portal.models import PortalLink
from portal.pages import message
from portal.pages.shop import shop_frame
from portal.pages.words import Words
from portal.selectors import order_facts, shop_facts
from portal.services.links import portal_link_resolve

log = structlog.get_logger(__name__)
COOKIE = "pro_order"
P = ParamSpec("P")


def shop_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page of a shop: never cached, never indexed, closed while the shop is suspended."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if merchant_of(request).is_suspended:
            return private(message_page(request, message.shop_suspended(), status=503))
        try:
            return private(view(request, *args, **kwargs))
        except DomainError as error:
            log.warning("page_refused", code=error.code, error=str(error))
            return private(message_page(request, message.server_error(), status=error.kind.status))

    return inner


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody with a live link to this order."""

    order: facts.Order
    actor: Actor
    words: Words


def order_door(view: Callable[Concatenate[HttpRequest, Visit, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Opens with the cookie that the order's link has set; forged, expired and foreign ones see one neutral page."""

    @shop_page
    @wraps(view)
    def inner(request: HttpRequest, order_id: uuid.UUID, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        token = request.COOKIES.get(COOKIE, "")
        link = portal_link_resolve(token=token, order_id=order_id) if token else None
        order = order_facts(order_id) if link else None
        if link is None or order is None:
            return message_page(request, message.link_expired(), status=404)
        merchant = merchant_of(request)
        words = Words(merchant.locale, merchant.time_zone, order.currency, clock.now())
        return view(request, Visit(order, Actor("shopper", str(link.pk)), words), *args, **kwargs)

    return inner


def private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    # Not no-referrer: with it browsers send "Origin: null" with our own forms, which the CSRF check refuses.
    # Other hosts get nothing either way, and these addresses hold no secret.
    response.headers.setdefault("Referrer-Policy", "same-origin")
    return response


def show(request: HttpRequest, template: str, page: object, status: int = 200, **more: Any) -> HttpResponse:
    shop = shop_frame(shop_facts(merchant_of(request)))
    return render(request, f"portal/{template}.html", {"shop": shop, "page": page, **more}, status=status)


def message_page(request: HttpRequest, page: message.MessagePage, status: int = 200) -> HttpResponse:
    return show(request, "message", page, status=status)


def remember_link(response: HttpResponse, link: PortalLink, token: str) -> None:
    response.set_cookie(
        COOKIE,
        token,
        expires=link.expires_at,
        path=reverse("portal:order", args=[link.order_id]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
