"""/api/v1/…/batch: up to 1,000 at once, each with a result of its own."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.authentication import caller_of
from core.api.problems import flatten, invalid_fields
from core.api.serializers import StrictSerializer
from core.api.views import ApiView
from core.errors import DomainError
from merchants.services.audit import audit_record
from orders.api.examples import CUSTOMER_BATCH_EXAMPLE, ORDER_BATCH_EXAMPLE, PRODUCT_BATCH_EXAMPLE, RESULTS_EXAMPLE
from orders.api.inputs import CustomerUpsertIn, OrderIn, ProductIn
from orders.api.views import api_actor
from orders.inputs import CustomerInput
from orders.services.batches import MAX_ITEMS
from orders.services.catalogue import ProductResult, products_upsert
from orders.services.customers import CustomerResult, customers_upsert
from orders.services.ingest import UpsertResult, orders_upsert

CREATED, UPDATED, UNCHANGED, REFUSED = "created", "updated", "unchanged", "refused"
Outcome = UpsertResult | ProductResult | CustomerResult | DomainError


class ItemsField(serializers.ListField):
    """Things that are judged one by one: each becomes its validated data, or the error that says what is wrong."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_ITEMS, **kwargs)

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and len(data) > MAX_ITEMS:  # before any of them is looked at
            raise serializers.ValidationError([f"Send at most {MAX_ITEMS:,} at a time."])
        return super().to_internal_value(data)

    def run_child_validation(self, data: Any) -> list[Any]:
        return [self._judge(item) for item in data]

    def _judge(self, item: Any) -> Any:
        try:
            return self.child.run_validation(item)
        except serializers.ValidationError as error:
            return invalid_fields(flatten(error.detail))


class OrderBatchIn(StrictSerializer):
    orders = ItemsField(child=OrderIn())


class ProductBatchIn(StrictSerializer):
    products = ItemsField(child=ProductIn())


class CustomerBatchIn(StrictSerializer):
    customers = ItemsField(child=CustomerUpsertIn())


class ItemProblemOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField())
    )


class ItemResultOut(serializers.Serializer[Any]):
    index = serializers.IntegerField(help_text="The place in what was sent, from 0.")
    external_id = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField([CREATED, UPDATED, UNCHANGED, REFUSED])
    id = serializers.UUIDField(allow_null=True)
    problem = ItemProblemOut(allow_null=True)


class BatchOut(serializers.Serializer[Any]):
    results = ItemResultOut(many=True)
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()


class BatchView(ApiView):
    """Subclasses say what is sent under which name, and which service takes it."""

    name: ClassVar[str]
    serializer: ClassVar[type[StrictSerializer]]

    def answer(self, request: Request) -> Response:
        sent: Any = request.data
        serializer = self.serializer(data=sent)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            outcomes = on_sound_ones(serializer.validated_data[self.name], lambda sound: self.store(request, sound))
            counts = Counter(map(_status, outcomes))
            self._audit(request, counts)
        pairs = zip(sent[self.name], outcomes, strict=True)
        results = [_result(index, item, outcome) for index, (item, outcome) in enumerate(pairs)]
        return Response({"results": results, **{word: counts[word] for word in (CREATED, UPDATED, UNCHANGED, REFUSED)}})

    def store(self, request: Request, sound: Sequence[dict[str, Any]]) -> Sequence[Outcome]:
        raise NotImplementedError

    def _audit(self, request: Request, counts: Counter[str]) -> None:
        """One entry: who changed which order stands in its revisions."""
        if counts[CREATED] or counts[UPDATED]:
            actor = api_actor(request)
            audit_record(
                actor_type=actor.type,
                actor_id=actor.id,
                action=f"{self.name}.batch_received",
                object_type="merchant",
                object_id=caller_of(request).merchant_id,
                after=dict(counts),
            )


def on_sound_ones(
    items: Sequence[dict[str, Any] | DomainError], store: Callable[[Sequence[dict[str, Any]]], Sequence[Outcome]]
) -> list[Outcome]:
    """What `store` makes of the items that are no errors already, in the order of all."""
    sound = [item for item in items if not isinstance(item, DomainError)]
    stored = iter(store(sound) if sound else [])
    return [item if isinstance(item, DomainError) else next(stored) for item in items]


def _status(outcome: Outcome) -> str:
    if isinstance(outcome, DomainError):
        return REFUSED
    if outcome.created:
        return CREATED
    return UPDATED if outcome.applied else UNCHANGED


def _result(index: int, sent: Any, outcome: Outcome) -> dict[str, Any]:
    external_id = sent.get("external_id") if isinstance(sent, Mapping) else None
    problem = None
    if isinstance(outcome, DomainError):
        problem = {"code": outcome.code, "detail": outcome.detail, "errors": outcome.field_errors}
    return {
        "index": index,
        "external_id": external_id if isinstance(external_id, str) else None,
        "status": _status(outcome),
        "id": None if isinstance(outcome, DomainError) else str(_row_id(outcome)),
        "problem": problem,
    }


def _row_id(outcome: UpsertResult | ProductResult | CustomerResult) -> Any:
    match outcome:
        case UpsertResult():
            return outcome.order.pk
        case ProductResult():
            return outcome.product.pk
        case CustomerResult():
            return outcome.customer.pk


class OrderBatchView(BatchView):
    required_scopes: ClassVar = {"POST": "orders:write"}
    name = "orders"
    serializer = OrderBatchIn

    @extend_schema(
        summary="Send many orders",
        request=OrderBatchIn,
        responses=BatchOut,
        examples=[ORDER_BATCH_EXAMPLE, RESULTS_EXAMPLE],
        tags=["Orders"],
    )
    def post(self, request: Request) -> Response:
        """Up to 1,000 orders, each created or brought up to date by `source` and `external_id` as if sent alone.

        An order that is refused has its problem in its result and does not stop the others, so the answer is 200 even
        then. Sending the same again changes nothing. An order that stands there twice is applied twice, in order.
        """
        return self.answer(request)

    def store(self, request: Request, sound: Sequence[dict[str, Any]]) -> Sequence[Outcome]:
        return orders_upsert(items=[OrderIn.input_of(data) for data in sound], actor=api_actor(request))


class ProductBatchView(BatchView):
    required_scopes: ClassVar = {"POST": "catalogue:write"}
    name = "products"
    serializer = ProductBatchIn

    @extend_schema(
        summary="Send many products",
        request=ProductBatchIn,
        responses=BatchOut,
        examples=[PRODUCT_BATCH_EXAMPLE, RESULTS_EXAMPLE],
        tags=["Catalogue"],
    )
    def post(self, request: Request) -> Response:
        """Up to 1,000 products with their variants, each as if sent alone; complements may name others of the batch."""
        return self.answer(request)

    def store(self, request: Request, sound: Sequence[dict[str, Any]]) -> Sequence[Outcome]:
        return products_upsert(items=[ProductIn.input_of(data) for data in sound])


class CustomerBatchView(BatchView):
    required_scopes: ClassVar = {"POST": "customers:write"}
    name = "customers"
    serializer = CustomerBatchIn

    @extend_schema(
        summary="Send many customers",
        request=CustomerBatchIn,
        responses=BatchOut,
        examples=[CUSTOMER_BATCH_EXAMPLE, RESULTS_EXAMPLE],
        tags=["Customers"],
    )
    def post(self, request: Request) -> Response:
        """Up to 1,000 customers, each as if sent alone; blank fields never wipe anything."""
        return self.answer(request)

    def store(self, request: Request, sound: Sequence[dict[str, Any]]) -> Sequence[Outcome]:
        by_source: dict[str, list[CustomerInput]] = defaultdict(list)
        for data in sound:
            by_source[data["source"]].append(CustomerUpsertIn.input_of(data))
        stored = {
            source: iter(customers_upsert(source=source, items=by_source[source])) for source in sorted(by_source)
        }
        return [next(stored[data["source"]]) for data in sound]
