"""What partners send: strict serializers that end in the frozen inputs of the services."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from core.api.serializers import (
    AmountField,
    CurrencyField,
    DecimalStringField,
    ExternalIdField,
    NamedTextsField,
    PastTimeField,
    StrictSerializer,
    TextField,
    TextListField,
    TrueFalseField,
    WholeNumberField,
)
from orders.inputs import (
    AddressInput,
    CustomerInput,
    LineFulfilment,
    LineInput,
    OrderInput,
    ProductInput,
    RefundInput,
    RefundLineInput,
    TenderInput,
    VariantInput,
)
from orders.models import Order, OrderTender, Product

MAX_QUANTITY = 1_000_000
MAX_STOCK = 1_000_000_000
MAX_VERSION = 2**63 - 1


def optional_text(max_length: int) -> TextField:
    return TextField(max_length=max_length, required=False, allow_blank=True, default="")


def optional_time() -> PastTimeField:
    return PastTimeField(required=False, allow_null=True, default=None)


def count(minimum: int = 0, maximum: int = MAX_QUANTITY, **kwargs: Any) -> WholeNumberField:
    return WholeNumberField(min_value=minimum, max_value=maximum, **kwargs)


def optional_amount() -> AmountField:
    return AmountField(required=False, default=0)


def tax_rate(**kwargs: Any) -> DecimalStringField:
    return DecimalStringField(decimals=4, largest=Decimal(1), help_text='"0.2000" is 20 %.', **kwargs)


def basis_points(rate: Decimal) -> int:
    return int(rate * 10_000)


class SourceField(TextField):
    """The system that the thing comes from."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=32, required=False, default="custom", **kwargs)


class CustomerIn(StrictSerializer):
    external_id = ExternalIdField()
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True, default="")
    first_name = optional_text(100)
    last_name = optional_text(100)
    phone = optional_text(40)
    locale = optional_text(16)
    accepts_marketing = TrueFalseField(required=False, allow_null=True, default=None)
    consented_at = optional_time()
    consent_source = optional_text(100)


class CustomerUpsertIn(CustomerIn):
    source = SourceField()  # type: ignore[assignment]

    @staticmethod
    def input_of(data: dict[str, Any]) -> CustomerInput:
        return CustomerInput(**{name: value for name, value in data.items() if name != "source"})


class AddressIn(StrictSerializer):
    name = optional_text(200)
    line1 = optional_text(200)
    line2 = optional_text(200)
    city = optional_text(100)
    region = optional_text(100)
    postal_code = optional_text(20)
    country = serializers.RegexField(r"^[A-Z]{2}$", help_text="ISO 3166-1 alpha-2.")


class LineIn(StrictSerializer):
    external_id = ExternalIdField()
    variant_external_id = ExternalIdField(required=False, allow_null=True, default=None)
    sku = optional_text(100)
    title = TextField(max_length=255)
    variant_title = optional_text(255)
    picture_url = serializers.URLField(max_length=500, required=False, allow_blank=True, default="")
    quantity = count(minimum=1)
    unit_price = AmountField(help_text="Per unit, before discount.")
    discount = optional_amount()
    tax = optional_amount()
    tax_rate = tax_rate(required=False, default=Decimal(0))
    fulfilled_quantity = count(required=False, default=0)
    in_progress_quantity = count(required=False, default=0)
    refunded_quantity = count(required=False, default=0)
    refunded = optional_amount()


class ShippingIn(StrictSerializer):
    title = optional_text(100)
    price = AmountField()
    tax = optional_amount()


class TenderIn(StrictSerializer):
    kind = serializers.ChoiceField(OrderTender.Kind.choices)
    provider = optional_text(32)
    customer = optional_text(128)
    payment_method = optional_text(128)
    brand = optional_text(20)
    last4 = serializers.RegexField(r"^[0-9]{4}$", required=False, allow_blank=True, default="")
    amount = AmountField()
    captured = optional_amount()
    redemption_ref = optional_text(128)


class RefundLineIn(StrictSerializer):
    line_external_id = ExternalIdField()
    quantity = count(required=False, default=0)
    amount = AmountField()


class RefundIn(StrictSerializer):
    """One refund, known again by its `external_id`; the same one twice counts once."""

    external_id = ExternalIdField()
    refunded_at = PastTimeField()
    lines = serializers.ListField(child=RefundLineIn(), required=False, default=list, max_length=1000)
    shipping = AmountField(required=False, default=0, help_text="The part that was paid for shipping.")


class OrderIn(StrictSerializer):
    """A whole order as the shop sees it. An older `version` never overwrites a newer one."""

    source = SourceField()  # type: ignore[assignment]
    external_id = ExternalIdField()
    number = TextField(max_length=64)
    version = count(maximum=MAX_VERSION)
    currency = CurrencyField()
    fx_rate = DecimalStringField(
        decimals=10,
        largest=Decimal(999_999_999),
        required=False,
        allow_null=True,
        default=None,
        help_text="Units of the shop's currency for one unit; needed when the currencies differ.",
    )
    placed_at = PastTimeField()
    paid_at = optional_time()
    cancelled_at = optional_time()
    fulfilment_started_at = optional_time()
    fulfilled_at = optional_time()
    delivered_at = optional_time()
    tax_inclusive = TrueFalseField(required=False, default=False)
    customer = CustomerIn(required=False, allow_null=True, default=None)
    lines = serializers.ListField(child=LineIn(), min_length=1, max_length=1000)
    shipping = ShippingIn(required=False, allow_null=True, default=None)
    total = AmountField(help_text="Must equal the sum of lines and shipping.")
    shipping_refunded = AmountField(required=False, default=0, help_text="All that was given back of shipping.")
    refunds = serializers.ListField(
        child=RefundIn(),
        required=False,
        default=list,
        max_length=200,
        help_text="Single refunds. A line counts as refunded what it says itself, or its refunds if they are more.",
    )
    shipping_address = AddressIn(required=False, allow_null=True, default=None)
    billing_address = AddressIn(required=False, allow_null=True, default=None)
    tenders = serializers.ListField(child=TenderIn(), required=False, default=list, max_length=50)
    tags = TextListField(required=False, default=list)
    sales_channel = optional_text(40)
    landing_utm = NamedTextsField(required=False, default=dict)
    risk_level = serializers.ChoiceField(Order.Risk.choices, required=False, default=Order.Risk.UNKNOWN)
    is_test = TrueFalseField(required=False, default=False)
    backfill = TrueFalseField(required=False, default=False, help_text="History: opens no window and triggers nothing.")

    @staticmethod
    def input_of(validated: dict[str, Any]) -> OrderInput:
        data = dict(validated)
        shipping = data.pop("shipping") or {"title": "", "price": 0, "tax": 0}
        customer, address, billing = (data.pop(name) for name in ("customer", "shipping_address", "billing_address"))
        return OrderInput(
            lines=tuple(_line(line) for line in data.pop("lines")),
            tenders=tuple(_tender(tender) for tender in data.pop("tenders")),
            refunds=tuple(_refund(refund) for refund in data.pop("refunds")),
            tags=tuple(data.pop("tags")),
            total_minor=data.pop("total"),
            customer=CustomerInput(**customer) if customer else None,
            shipping_title=shipping["title"],
            shipping_minor=shipping["price"],
            shipping_tax_minor=shipping["tax"],
            shipping_refunded_minor=data.pop("shipping_refunded"),
            shipping_address=AddressInput(**address) if address else None,
            billing_address=AddressInput(**billing) if billing else None,
            is_backfill=data.pop("backfill"),
            **data,
        )


def _line(data: dict[str, Any]) -> LineInput:
    rest = dict(data)
    return LineInput(
        unit_price_minor=rest.pop("unit_price"),
        discount_minor=rest.pop("discount"),
        tax_minor=rest.pop("tax"),
        tax_rate_bp=basis_points(rest.pop("tax_rate")),
        refunded_minor=rest.pop("refunded"),
        **rest,
    )


def _refund(data: dict[str, Any]) -> RefundInput:
    return RefundInput(
        external_id=data["external_id"],
        refunded_at=data["refunded_at"],
        shipping_minor=data["shipping"],
        lines=tuple(
            RefundLineInput(
                line_external_id=line["line_external_id"], quantity=line["quantity"], amount_minor=line["amount"]
            )
            for line in data["lines"]
        ),
    )


def _tender(data: dict[str, Any]) -> TenderInput:
    rest = dict(data)
    return TenderInput(
        provider_customer=rest.pop("customer"),
        provider_payment_method=rest.pop("payment_method"),
        amount_minor=rest.pop("amount"),
        captured_minor=rest.pop("captured"),
        **rest,
    )


class VariantIn(StrictSerializer):
    external_id = ExternalIdField()
    sku = optional_text(100)
    title = optional_text(255)
    price = AmountField()
    currency = CurrencyField()
    cost = AmountField(required=False, allow_null=True, default=None)
    stock_quantity = count(
        minimum=-MAX_STOCK,
        maximum=MAX_STOCK,
        required=False,
        allow_null=True,
        default=None,
        help_text="Null: not counted.",
    )
    tax_rate = tax_rate(required=False, allow_null=True, default=None)
    position = count(required=False, default=0)
    is_active = TrueFalseField(required=False, default=True, help_text="False: known, but not sold.")


class ProductIn(StrictSerializer):
    """A product with all its variants; variants that are left out become inactive."""

    source = SourceField()  # type: ignore[assignment]
    external_id = ExternalIdField()
    title = TextField(max_length=255)
    type = optional_text(100)
    collections = TextListField(required=False, default=list)
    tags = TextListField(required=False, default=list)
    picture_url = serializers.URLField(max_length=500, required=False, allow_blank=True, default="")
    is_consumable = TrueFalseField(required=False, default=False)
    status = serializers.ChoiceField(Product.Status.choices, required=False, default=Product.Status.ACTIVE)
    complements = serializers.ListField(
        child=ExternalIdField(), required=False, default=list, max_length=50, help_text="external_ids, best first."
    )
    variants = serializers.ListField(child=VariantIn(), min_length=1, max_length=250)

    @staticmethod
    def input_of(validated: dict[str, Any]) -> ProductInput:
        data = dict(validated)
        lists: dict[str, Any] = {name: tuple(data.pop(name)) for name in ("collections", "tags", "complements")}
        return ProductInput(variants=tuple(_variant(variant) for variant in data.pop("variants")), **lists, **data)


def _variant(data: dict[str, Any]) -> VariantInput:
    rest = dict(data)
    rate = rest.pop("tax_rate")
    return VariantInput(
        price_minor=rest.pop("price"),
        cost_minor=rest.pop("cost"),
        tax_rate_bp=None if rate is None else basis_points(rate),
        **rest,
    )


class LineFulfilmentIn(StrictSerializer):
    external_id = ExternalIdField()
    fulfilled_quantity = count()
    in_progress_quantity = count(required=False, default=0)


class FulfilmentIn(StrictSerializer):
    """Progress in the warehouse. Times once known stay."""

    started_at = optional_time()
    fulfilled_at = optional_time()
    delivered_at = optional_time()
    lines = serializers.ListField(child=LineFulfilmentIn(), required=False, default=list, max_length=1000)

    def to_input(self) -> dict[str, Any]:
        data = dict(self.validated_data)
        return {**data, "lines": [LineFulfilment(**line) for line in data["lines"]]}
