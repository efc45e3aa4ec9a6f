"""The Export button above orders, customers and products: what the list shows, as it is filtered and searched."""

from collections.abc import Callable

from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.http import HttpRequest, StreamingHttpResponse

from connectors.exports.customers import CustomerExport
from connectors.exports.download import download
from connectors.exports.orders import OrderExport
from connectors.exports.products import ProductExport
from connectors.exports.stream import Export
from core.admin.filters import OneOf
from core.admin.registry import ListButton, add_list_button
from core.admin.site import ScopedAdminSite
from orders.services.revisions import Actor

# Who may carry all customers away may also have them beside the orders.
TAKES_CUSTOMERS = ("orders.Customer", "export")
Make = Callable[[HttpRequest, ChangeList], Export]


def _orders(request: HttpRequest, changelist: ChangeList) -> Export:
    site = changelist.model_admin.admin_site
    is_personal = isinstance(site, ScopedAdminSite) and site.allows(request, *TAKES_CUSTOMERS)
    return OrderExport(changelist.queryset, is_personal=is_personal)


def _customers(request: HttpRequest, changelist: ChangeList) -> Export:
    return CustomerExport(changelist.queryset)


def _products(request: HttpRequest, changelist: ChangeList) -> Export:
    return ProductExport(changelist.queryset)


def _button(page: str, make: Make) -> ListButton:
    def run(request: HttpRequest, changelist: ChangeList) -> StreamingHttpResponse:
        actor = Actor("user", str(request.user.pk))
        # With the mark by which spreadsheets know UTF-8: staff open the file with one.
        return download(make(request, changelist), actor=actor, asked=_asked(request, changelist), bom=True)

    return ListButton("export", "Export", (page, "export"), run)


def _asked(request: HttpRequest, changelist: ChangeList) -> dict[str, str]:
    """The choices of the list's filters; of the search only that there was one, for it may be a name."""
    names = [str(spec.parameter_name) for spec in changelist.filter_specs if isinstance(spec, OneOf)]
    asked = {name: request.GET[name] for name in names if name in request.GET}
    return asked | ({"search": "yes"} if request.GET.get(SEARCH_VAR) else {})


add_list_button("orders.Order", _button("orders.Order", _orders))
add_list_button("orders.Customer", _button("orders.Customer", _customers))
add_list_button("orders.Product", _button("orders.Product", _products))
