"""/api/v1: the lists as files. The same scopes and filters as the lists, all rows instead of pages."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from connectors.exports.customers import CustomerExport
from connectors.exports.download import download
from connectors.exports.orders import OrderExport
from connectors.exports.products import ProductExport
from connectors.exports.stream import Export
from core.api.authentication import caller_of
from core.api.views import ApiListView
from orders.api.filters import CustomerFilters, OrderFilters, ProductFilters
from orders.models import Customer, Order, Product
from orders.services.revisions import Actor

# Filters whose values the audit log keeps. The others may name a person.
_TOLD = frozenset(
    {"source", "status", "currency", "is_paid", "is_test", "is_consumable", "placed_from", "placed_before"}
    | {"updated_from"}
)
_BOM = "bom"
_Method = TypeVar("_Method", bound=Callable[..., Any])


class CsvRenderer(JSONRenderer):
    """Lets a client ask for text/csv. The file itself is never rendered; refusals are, as problem+json."""

    media_type = "text/csv"
    format = "csv"


class ExportOptions(serializers.Serializer[Any]):
    bom = serializers.BooleanField(
        default=False, help_text="Begin with a byte order mark, by which spreadsheets know the file as UTF-8."
    )


class ExportView(ApiListView):
    renderer_classes = (CsvRenderer,)
    pagination_class = None
    # Only the filters of the description are read from it.
    serializer_class = ExportOptions

    def allowed_query_parameters(self) -> set[str]:
        return set(self.filterset_class.base_filters) | {_BOM}

    def make(self, rows: QuerySet[Any]) -> Export:
        raise NotImplementedError

    def file(self, request: Request) -> StreamingHttpResponse:
        options = ExportOptions(data=request.query_params.dict())
        options.is_valid(raise_exception=True)
        asked = {
            name: str(value) if name in _TOLD else "(not kept)"
            for name, value in request.query_params.items()
            if value and name != _BOM
        }
        return download(
            self.make(self.filter_queryset(self.get_queryset())),
            actor=Actor("api_key", str(caller_of(request).key_id)),
            asked=asked,
            bom=options.validated_data[_BOM],
        )


def _described(what: str, tag: str) -> Callable[[_Method], _Method]:
    return extend_schema(
        summary=f"Export {what}",
        tags=[tag],
        filters=True,
        parameters=[ExportOptions],
        responses={(200, "text/csv"): OpenApiTypes.STR},
        operation_id=f"{what}_export",
    )


class OrderExportView(ExportView):
    required_scopes: ClassVar = {"GET": "orders:read"}
    filterset_class = OrderFilters

    def get_queryset(self) -> QuerySet[Order]:
        return Order.objects.all()

    def make(self, rows: QuerySet[Order]) -> OrderExport:
        return OrderExport(rows)

    @_described("orders", "Orders")
    def get(self, request: Request) -> StreamingHttpResponse:
        """All orders as CSV, a row per line, oldest first. A file that was broken off says so in its last line."""
        return self.file(request)


class ProductExportView(ExportView):
    required_scopes: ClassVar = {"GET": "catalogue:read"}
    filterset_class = ProductFilters

    def get_queryset(self) -> QuerySet[Product]:
        return Product.objects.all()

    def make(self, rows: QuerySet[Product]) -> ProductExport:
        return ProductExport(rows)

    @_described("products", "Catalogue")
    def get(self, request: Request) -> StreamingHttpResponse:
        """All products as CSV, a row per variant, also of those not on sale."""
        return self.file(request)


class CustomerExportView(ExportView):
    required_scopes: ClassVar = {"GET": "customers:read"}
    filterset_class = CustomerFilters

    def get_queryset(self) -> QuerySet[Customer]:
        return Customer.objects.all()

    def make(self, rows: QuerySet[Customer]) -> CustomerExport:
        return CustomerExport(rows)

    @_described("customers", "Customers")
    def get(self, request: Request) -> StreamingHttpResponse:
        """All customers as CSV with their consent and why an address is never written to; without those erased."""
        return self.file(request)
