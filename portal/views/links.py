from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from portal.pages import message
from portal.services.links import portal_link_resolve
from portal.views.frame import message_page, remember_link, shop_page


@require_safe
@shop_page
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Trade the link for a cookie and leave its address. Mail scanners may open it any number of times."""
    link = portal_link_resolve(token=token)
    if link is None:
        response = message_page(request, message.link_expired(), status=404)
    else:
        response = redirect("portal:order", link.order_id)
        remember_link(response, link, token)
    response["Referrer-Policy"] = "no-referrer"
    return response
