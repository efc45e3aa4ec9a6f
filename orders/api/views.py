"""/api/v1: orders, products, customers. One service call each."""

import uuid
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.authentication import caller_of
from core.api.idempotency import idempotent
from core.api.views import ApiListView, ApiView
from merchants.services.audit import audit_record
from orders.api.examples import ORDER_EXAMPLE, PRODUCT_EXAMPLE
from orders.api.filters import CustomerFilters, OrderFilters, ProductFilters
from orders.api.inputs import CustomerUpsertIn, FulfilmentIn, OrderIn, ProductIn
from orders.api.outputs import CustomerOut, OrderOut, ProductOut
from orders.models import Customer, Order, Product
from orders.services.catalogue import product_upsert
from orders.services.customers import customer_upsert
from orders.services.ingest import order_upsert
from orders.services.lifecycle import order_cancel, order_fulfilment_update
from orders.services.revisions import Actor


def orders_for_output() -> QuerySet[Order]:
    related = ("customer", "shipping_address", "billing_address", "window")
    return Order.objects.select_related(*related).prefetch_related("lines", "tenders", "refunds")


def products_for_output() -> QuerySet[Product]:
    return Product.objects.prefetch_related("variants", "complements")


def api_actor(request: Request) -> Actor:
    return Actor("api_key", str(caller_of(request).key_id))


def _audit(request: Request, action: str, row: Order | Product | Customer, **after: Any) -> None:
    actor = api_actor(request)
    kind = action.partition(".")[0]
    audit_record(
        actor_type=actor.type, actor_id=actor.id, action=action, object_type=kind, object_id=row.pk, after=after
    )


class OrderListView(ApiListView):
    required_scopes: ClassVar = {"GET": "orders:read", "POST": "orders:write"}
    filterset_class = OrderFilters
    serializer_class = OrderOut

    def get_queryset(self) -> QuerySet[Order]:
        return orders_for_output()

    @extend_schema(summary="List orders", responses=OrderOut(many=True), tags=["Orders"])
    def get(self, request: Request) -> Response:
        """Newest first."""
        return self.list_response(self.get_queryset())

    @extend_schema(
        summary="Send an order",
        request=OrderIn,
        responses={201: OrderOut, 200: OrderOut},
        examples=[ORDER_EXAMPLE],
        tags=["Orders"],
    )
    def post(self, request: Request) -> Response:
        """Creates the order (201) or brings it up to date (200) by `source` and `external_id`.

        The same or an older `version` changes nothing and answers 200 with what is stored.
        """
        serializer = OrderIn(data=request.data)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            result = order_upsert(data=OrderIn.input_of(serializer.validated_data), actor=api_actor(request))
            if result.applied:
                action = "order.created" if result.created else "order.updated"
                _audit(request, action, result.order, version=result.order.version)
        order = orders_for_output().get(pk=result.order.pk)
        return Response(OrderOut(order).data, status=201 if result.created else 200)


class OrderDetailView(ApiView):
    required_scopes: ClassVar = {"GET": "orders:read"}

    @extend_schema(summary="Read an order", responses=OrderOut, tags=["Orders"])
    def get(self, request: Request, order_id: uuid.UUID) -> Response:
        return Response(OrderOut(get_object_or_404(orders_for_output(), pk=order_id)).data)


class OrderCancelView(ApiView):
    required_scopes: ClassVar = {"POST": "orders:write"}

    @extend_schema(summary="Cancel an order", request=None, responses=OrderOut, tags=["Orders"])
    @idempotent
    def post(self, request: Request, order_id: uuid.UUID) -> Response:
        """Cancels the whole order and closes its window. Money is not moved: the shop refunds what it captured."""
        with transaction.atomic():
            order = order_cancel(order_id=order_id, actor=api_actor(request))
            _audit(request, "order.cancelled", order, version=order.version)
        return Response(OrderOut(orders_for_output().get(pk=order_id)).data)


class OrderFulfilmentView(ApiView):
    required_scopes: ClassVar = {"POST": "orders:write"}

    @extend_schema(
        summary="Report fulfilment", request=FulfilmentIn, responses={200: OrderOut, 409: None}, tags=["Orders"]
    )
    def post(self, request: Request, order_id: uuid.UUID) -> Response:
        """The first sign of fulfilment closes the window for good."""
        serializer = FulfilmentIn(data=request.data)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            order = order_fulfilment_update(order_id=order_id, actor=api_actor(request), **serializer.to_input())
            _audit(request, "order.fulfilment_reported", order, version=order.version)
        return Response(OrderOut(orders_for_output().get(pk=order_id)).data)


class ProductListView(ApiListView):
    required_scopes: ClassVar = {"GET": "catalogue:read", "POST": "catalogue:write"}
    filterset_class = ProductFilters
    serializer_class = ProductOut

    def get_queryset(self) -> QuerySet[Product]:
        return products_for_output()

    @extend_schema(summary="List products", responses=ProductOut(many=True), tags=["Catalogue"])
    def get(self, request: Request) -> Response:
        """Newest first."""
        return self.list_response(self.get_queryset())

    @extend_schema(
        summary="Send a product",
        request=ProductIn,
        responses={201: ProductOut, 200: ProductOut},
        examples=[PRODUCT_EXAMPLE],
        tags=["Catalogue"],
    )
    def post(self, request: Request) -> Response:
        """Creates the product (201) or brings it up to date (200) by `source` and `external_id`."""
        serializer = ProductIn(data=request.data)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            product, created = product_upsert(data=ProductIn.input_of(serializer.validated_data))
            _audit(request, "product.created" if created else "product.updated", product, status=product.status)
        stored = products_for_output().get(pk=product.pk)
        return Response(ProductOut(stored).data, status=201 if created else 200)


class ProductDetailView(ApiView):
    required_scopes: ClassVar = {"GET": "catalogue:read"}

    @extend_schema(summary="Read a product", responses=ProductOut, tags=["Catalogue"])
    def get(self, request: Request, product_id: uuid.UUID) -> Response:
        return Response(ProductOut(get_object_or_404(products_for_output(), pk=product_id)).data)


class CustomerListView(ApiListView):
    required_scopes: ClassVar = {"GET": "customers:read", "POST": "customers:write"}
    filterset_class = CustomerFilters
    serializer_class = CustomerOut

    def get_queryset(self) -> QuerySet[Customer]:
        return Customer.objects.all()

    @extend_schema(summary="List customers", responses=CustomerOut(many=True), tags=["Customers"])
    def get(self, request: Request) -> Response:
        """Newest first."""
        return self.list_response(self.get_queryset())

    @extend_schema(
        summary="Send a customer",
        request=CustomerUpsertIn,
        responses={201: CustomerOut, 200: CustomerOut},
        tags=["Customers"],
    )
    def post(self, request: Request) -> Response:
        """Creates the customer (201) or adds to what is known (200); blank fields never wipe anything."""
        serializer = CustomerUpsertIn(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        with transaction.atomic():
            customer, created = customer_upsert(source=data["source"], data=CustomerUpsertIn.input_of(data))
            _audit(request, "customer.created" if created else "customer.updated", customer)
        return Response(CustomerOut(customer).data, status=201 if created else 200)


class CustomerDetailView(ApiView):
    required_scopes: ClassVar = {"GET": "customers:read"}

    @extend_schema(summary="Read a customer", responses=CustomerOut, tags=["Customers"])
    def get(self, request: Request, customer_id: uuid.UUID) -> Response:
        return Response(CustomerOut(get_object_or_404(Customer.objects.all(), pk=customer_id)).data)
