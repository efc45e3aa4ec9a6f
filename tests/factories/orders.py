from datetime import datetime
from typing import Any, cast

import factory
from factory.base import Factory

from core import clock
from orders.inputs import AddressInput, CustomerInput, LineInput, OrderInput, TenderInput
from orders.models import Order
from orders.services.ingest import order_upsert
from orders.services.validation import input_totals


class CustomerInputFactory(Factory):
    external_id = factory.Sequence(lambda n: f"c{n}")
    email = factory.LazyAttribute(lambda customer: f"{customer.external_id}@mail.example")
    first_name = "Mara"
    last_name = "Rosengren"

    class Meta:
        model = CustomerInput


class AddressInputFactory(Factory):
    name = "Mara Rosengren"
    line1 = "118 Alder Road"
    city = "Portland"
    region = "OR"
    postal_code = "97214"
    country = "US"

    class Meta:
        model = AddressInput


class LineInputFactory(Factory):
    external_id = factory.Sequence(lambda n: f"l{n}")
    title = "Ember table lamp"
    quantity = 1
    unit_price_minor = 5000

    class Meta:
        model = LineInput


class TenderInputFactory(Factory):
    kind = "card"
    provider = "stripe"
    provider_customer = "cus_test"
    provider_payment_method = "pm_test"
    brand = "visa"
    last4 = "4242"
    amount_minor = 5000
    captured_minor = 5000

    class Meta:
        model = TenderInput


class OrderInputFactory(Factory):
    """A paid order placed now; its total is the sum of its parts unless told otherwise."""

    source = "custom"
    external_id = factory.Sequence(lambda n: f"o{n}")
    number = factory.LazyAttribute(lambda order: f"HP-{order.external_id}")
    version = 1
    currency = "USD"
    placed_at = factory.LazyFunction(clock.now)
    paid_at = factory.LazyAttribute(lambda order: order.placed_at)
    lines = factory.LazyFunction(lambda: (LineInputFactory(),))
    customer = factory.SubFactory(CustomerInputFactory)
    shipping_address = factory.SubFactory(AddressInputFactory)
    tenders = factory.LazyFunction(lambda: (TenderInputFactory(),))
    total_minor = None

    class Meta:
        model = OrderInput

    @classmethod
    def _create(cls, model_class: type[OrderInput], *args: Any, **kwargs: Any) -> OrderInput:
        if kwargs["total_minor"] is None:
            kwargs["total_minor"] = input_totals(model_class(**{**kwargs, "total_minor": 0})).total_minor
        return model_class(*args, **kwargs)


def paid_order(*, at: datetime | None = None, **overrides: object) -> Order:
    """A paid order in the open scope, its window open."""
    if at is not None:
        overrides["placed_at"] = at
    return order_upsert(data=cast("OrderInput", OrderInputFactory(**overrides))).order
