"""What the portal adds to staff pages: a link to the shopper's page, and how the brand colour looks there."""

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from core.admin.registry import Action, Context, Panel, add_action, add_panel
from core.admin.words import words_of
from merchants.models import Merchant
from orders.models import Order
from portal import brand
from portal.services.links import portal_link_create

ORDER = "orders.Order"
SETTINGS = "merchants.Merchant"


def _make_link(request: HttpRequest, order: Order) -> HttpResponse:
    """Shown once: only the token's fingerprint is kept."""
    made = portal_link_create(order_id=order.pk)
    context = {
        "title": f"Link to order {order.number}",
        "intro": "Whoever has this link sees the order and may add to it. We keep only a fingerprint of it, so copy it "
        f"now. It works until {words_of(request).moment(made.link.expires_at)}.",
        "label": "Link for the shopper",
        "secret": made.url,
        "open_url": made.url,
        "open_label": "Open the shopper’s page",
        "back_url": reverse("admin:orders_order_change", args=[order.pk]),
        "back_label": "Back to the order",
    }
    response = TemplateResponse(request, "admin/pro/shown_once.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


def _preview(request: HttpRequest, merchant: Merchant) -> Context:
    return {
        "name": merchant.name,
        "themes": [
            {"name": name, "tokens": {key.strip("-").replace("-", "_"): value for key, value in tokens.items()}}
            for name, tokens in (
                ("Light", brand.tokens(merchant.brand_colour, "light")),
                ("Dark", brand.tokens(merchant.brand_colour, "dark")),
            )
        ],
    }


add_action(
    ORDER,
    Action("portal_link", "link_made", "Link for the shopper", (ORDER, "portal_link"), _make_link, is_primary=True),
)
add_panel(SETTINGS, Panel("look", "admin/portal/look.html", _preview, "aside"))
