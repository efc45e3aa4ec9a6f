from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from portal import facts
from portal.pages.order import order_page
from portal.views.frame import order_door, show, words_for


@require_safe
@order_door
def order(request: HttpRequest, order: facts.Order) -> HttpResponse:
    return show(request, "order", order_page(order, words_for(request, order)))
