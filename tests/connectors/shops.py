"""Generated shops: what may stand in them, and then some that is hard to write into a cell."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from orders.inputs import (
    AddressInput,
    CustomerInput,
    LineInput,
    OrderInput,
    ProductInput,
    RefundInput,
    RefundLineInput,
    TenderInput,
    VariantInput,
)
from orders.rules import LineAmounts
from orders.services.validation import input_totals

HARD = [
    '=cmd|"/c calc"!A1',
    "+1",
    "-1",
    "@sum",
    "\tTab",
    "\rReturn",
    "'apostrophe",
    "''two",
    " leading",
    "trailing ",
    'She said "yes", twice; or | once',
    "two\nlines",
    "two\r\nlines",
    "0012",
    "1e5",
    "null",
    "true",
    "[1]",
    "{}",
    "Zoë 漢字 🎁 ｆｕｌｌ",
    "\u00a0hard blank",
    "\ufeffmark",
    "right\u200fleft",
]
# What PostgreSQL cannot hold is left out: zero bytes and halves of characters.
_ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
EMPTY_OR_ANY = st.one_of(st.just(""), st.sampled_from(HARD), _ANY)
FILLED = st.one_of(st.sampled_from(HARD), _ANY.filter(lambda text: bool(text.strip())))
SHORT = EMPTY_OR_ANY.map(lambda text: text[:16])
LISTS = st.lists(st.one_of(st.sampled_from(HARD), _ANY), max_size=3).map(tuple)
URLS = st.sampled_from(["", "https://img.example/a,b.png?x=1&y='2'"])
COUNTRIES = st.sampled_from(["GB", "US", "JP", "XK", "KW", "QQ"])
SOURCES = ("custom", "=shop")
# (currency, units of a dollar for one unit)
CURRENCIES = [("USD", None), ("JPY", Decimal("0.0067123456")), ("KWD", Decimal("3.25"))]
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 10**13).map(lambda microseconds: FIRST + timedelta(microseconds=microseconds))
AMOUNTS = st.integers(0, 10**7)


@dataclass(frozen=True)
class Shop:
    products: list[ProductInput]
    customers: dict[str, list[CustomerInput]]
    suppressed: dict[str, str]
    orders: list[OrderInput]


def _ids(count: int, texts: list[str]) -> list[str]:
    """Unlike each other, whatever the texts."""
    return [f"{text}{number}" for number, text in zip(range(count), texts, strict=False)]


@st.composite
def _variants(draw: Any, count: int) -> tuple[VariantInput, ...]:
    ids = _ids(count, draw(st.lists(FILLED, min_size=count, max_size=count)))
    return tuple(
        VariantInput(
            external_id=external_id,
            price_minor=draw(AMOUNTS),
            currency=draw(st.sampled_from(["USD", "JPY", "KWD"])),
            sku=draw(EMPTY_OR_ANY),
            title=draw(EMPTY_OR_ANY),
            position=draw(st.integers(0, 9)),
            cost_minor=draw(st.none() | AMOUNTS),
            tax_rate_bp=draw(st.none() | st.integers(0, 10_000)),
            stock_quantity=draw(st.none() | st.integers(-5, 1_000_000)),
            is_active=draw(st.booleans()),
        )
        for external_id in ids
    )


@st.composite
def _products(draw: Any) -> list[ProductInput]:
    ids = _ids(3, draw(st.lists(FILLED, min_size=3, max_size=3)))
    return [
        ProductInput(
            source=SOURCES[number % 2],
            # The same id under two sources is two products.
            external_id=ids[number // 2],
            title=draw(FILLED),
            variants=draw(_variants(draw(st.integers(1, 3)))),
            type=draw(EMPTY_OR_ANY),
            collections=draw(LISTS),
            tags=draw(LISTS),
            picture_url=draw(URLS),
            is_consumable=draw(st.booleans()),
            status=draw(st.sampled_from(["active", "archived"])),
            complements=tuple(draw(st.permutations(ids)))[: draw(st.integers(0, 2))],
        )
        for number in range(4)
    ]


@st.composite
def _customer(draw: Any, external_id: str) -> CustomerInput:
    return CustomerInput(
        external_id=external_id,
        email=draw(st.sampled_from(["", "Ada@mail.example", "o'hara+x@mail.example", "-dash@mail.example"])),
        first_name=draw(EMPTY_OR_ANY),
        last_name=draw(EMPTY_OR_ANY),
        phone=draw(st.sampled_from(["", "+44 20 7946 0000", "(020) 7946"])),
        locale=draw(st.sampled_from(["", "en-GB"])),
        accepts_marketing=draw(st.booleans()),
        consented_at=draw(st.none() | MOMENTS),
        consent_source=draw(EMPTY_OR_ANY),
        created_at=draw(MOMENTS),
    )


@st.composite
def _address(draw: Any) -> AddressInput:
    texts = {name: draw(EMPTY_OR_ANY) for name in ("name", "line1", "line2", "city", "region")}
    postal_code = draw(st.sampled_from(["", "0123", "-1", "N1 9GU"]))
    return AddressInput(country=draw(COUNTRIES), postal_code=postal_code, **texts)


@st.composite
def _line(draw: Any, external_id: str, *, variants: list[str], tax_inclusive: bool) -> LineInput:
    quantity, unit_price = draw(st.integers(1, 20)), draw(AMOUNTS)
    discount = draw(st.integers(0, quantity * unit_price))
    fulfilled = draw(st.integers(0, quantity))
    line = LineInput(
        external_id=external_id,
        title=draw(FILLED),
        quantity=quantity,
        unit_price_minor=unit_price,
        variant_external_id=draw(st.none() | st.sampled_from(variants)),
        sku=draw(EMPTY_OR_ANY),
        variant_title=draw(EMPTY_OR_ANY),
        picture_url=draw(URLS),
        discount_minor=discount,
        tax_minor=draw(st.integers(0, quantity * unit_price - discount)),
        tax_rate_bp=draw(st.integers(0, 10_000)),
        fulfilled_quantity=fulfilled,
        in_progress_quantity=draw(st.integers(0, quantity - fulfilled)),
        # Not the first: something was bought at checkout.
        edit_id=UUID(int=draw(st.integers(1, 2**64))) if draw(st.booleans()) and external_id != "=0" else None,
    )
    amounts = LineAmounts(quantity, unit_price, discount, line.tax_minor)
    refunded = draw(st.integers(0, amounts.total_minor(tax_inclusive=tax_inclusive)))
    return replace(line, refunded_minor=refunded, refunded_quantity=draw(st.integers(0, quantity)))


@st.composite
def _refunds(draw: Any, lines: tuple[LineInput, ...], shipping: int, placed_at: datetime) -> tuple[RefundInput, ...]:
    """Shares of what the lines say was given back."""
    parts = tuple(
        RefundLineInput(
            line_external_id=line.external_id,
            quantity=draw(st.integers(0, line.refunded_quantity // 2)),
            amount_minor=draw(st.integers(0, line.refunded_minor // 2)),
        )
        for line in lines
        if draw(st.booleans())
    )
    ids = [draw(FILLED) + str(number) for number in range(draw(st.integers(0, 2)))]
    return tuple(
        RefundInput(
            external_id=external_id,
            refunded_at=placed_at + timedelta(days=draw(st.integers(0, 30))),
            lines=parts,
            shipping_minor=draw(st.integers(0, shipping // 2)),
        )
        for external_id in ids
    )


@st.composite
def _order(
    draw: Any, source: str, external_id: str, *, customers: list[CustomerInput], variants: list[str]
) -> OrderInput:
    currency, fx_rate = draw(st.sampled_from(CURRENCIES))
    tax_inclusive, placed_at = draw(st.booleans()), draw(MOMENTS)
    lines = tuple(
        draw(_line(f"={number}", variants=variants, tax_inclusive=tax_inclusive))
        for number in range(draw(st.integers(1, 3)))
    )
    shipping = draw(AMOUNTS)
    shipping_refunded = draw(st.integers(0, shipping))
    times = {
        name: draw(st.none() | st.integers(0, 10**9).map(lambda seconds: placed_at + timedelta(microseconds=seconds)))
        for name in ("paid_at", "cancelled_at", "fulfilment_started_at", "fulfilled_at", "delivered_at")
    }
    order = OrderInput(
        source=source,
        external_id=external_id,
        number=draw(FILLED),
        version=draw(st.integers(0, 2**63 - 1)),
        currency=currency,
        placed_at=placed_at,
        lines=lines,
        total_minor=0,
        fx_rate=fx_rate,
        tax_inclusive=tax_inclusive,
        **times,
        customer=draw(st.none() | st.sampled_from(customers)),
        shipping_title=draw(EMPTY_OR_ANY),
        shipping_minor=shipping,
        shipping_tax_minor=draw(st.integers(0, shipping)),
        shipping_refunded_minor=shipping_refunded,
        shipping_address=draw(st.none() | _address()),
        billing_address=draw(st.none() | _address()),
        tenders=tuple(draw(st.lists(_tender(), max_size=2))),
        refunds=draw(_refunds(lines, shipping_refunded, placed_at)),
        tags=draw(LISTS),
        sales_channel=draw(EMPTY_OR_ANY),
        landing_utm=draw(st.dictionaries(FILLED, EMPTY_OR_ANY, max_size=2)),
        risk_level=draw(st.sampled_from(["unknown", "low", "medium", "high"])),
        is_test=draw(st.booleans()),
        is_backfill=draw(st.booleans()),
    )
    totals = input_totals(order)
    before = input_totals(replace(order, lines=tuple(line for line in lines if line.edit_id is None)))
    is_edited = before != totals
    return replace(
        order,
        total_minor=totals.total_minor,
        checkout_total_minor=before.total_minor if is_edited else None,
        checkout_net_minor=before.net_minor if is_edited else None,
    )


@st.composite
def _tender(draw: Any) -> TenderInput:
    amount = draw(AMOUNTS)
    return TenderInput(
        kind=draw(st.sampled_from(["card", "gift_card", "other"])),
        amount_minor=amount,
        captured_minor=draw(st.integers(0, amount)),
        provider=draw(SHORT),
        provider_customer=draw(SHORT),
        provider_payment_method=draw(SHORT),
        brand=draw(SHORT),
        last4=draw(st.sampled_from(["", "0042"])),
        redemption_ref=draw(SHORT),
    )


@st.composite
def shops(draw: Any) -> Shop:
    products = draw(_products())
    texts = draw(st.lists(FILLED, min_size=3, max_size=3))
    customers = {source: [draw(_customer(external_id)) for external_id in _ids(3, texts)] for source in SOURCES}
    orders = []
    for source in SOURCES:
        # Two products of one source may name a variant alike, and an order does not say of which it is.
        ids = [variant.external_id for product in products if product.source == source for variant in product.variants]
        once = [external_id for external_id in ids if ids.count(external_id) == 1] or ["unknown"]
        orders += [
            draw(_order(source, external_id, customers=customers[source], variants=once))
            for external_id in _ids(2, texts)
        ]
    emails = sorted({customer.email for each in customers.values() for customer in each} - {""})
    reasons = st.sampled_from(["unsubscribed", "bounced", "complained", "manual"])
    return Shop(products, customers, {email: draw(reasons) for email in emails if draw(st.booleans())}, orders)
