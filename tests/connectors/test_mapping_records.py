"""Our own layouts of orders, products, customers and gift cards; rows that tell of one thing each."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from connectors.imports.profile import Profile
from giftcards.inputs import GiftCardInput
from orders.inputs import CustomerInput, RefundInput, RefundLineInput, TenderInput, VariantInput
from tests.connectors.csv_files import read, rows

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)


def quoted(value):
    return '"' + json.dumps(value).replace('"', '""') + '"'


def test_products_are_rows_of_variants():
    found = read(
        rows(
            'P1,Shirt,Clothes,"[""new, hot""]",true,archived,V1,S-1,Small,1,12.50,GBP,4.00,0.2000,7,true',
            "P2,Mug,,,,,,,,,8.00,GBP,,,,",
            "P1,Shirt,,,,,V2,S-2,Large,2,13.50,GBP,,,,false",
            header="external_id,title,type,tags,is_consumable,status,variant_external_id,variant_sku,variant_title,"
            "variant_position,variant_price,variant_currency,variant_cost,variant_tax_rate,variant_stock_quantity,"
            "variant_is_active",
        ),
        "pro_products",
    )
    found.assert_reconciles()
    shirt, mug = found.data("products")
    assert (shirt.tags, shirt.is_consumable, shirt.status, shirt.type) == (("new, hot",), True, "archived", "Clothes")
    assert shirt.variants == (
        VariantInput(
            external_id="V1",
            price_minor=1250,
            currency="GBP",
            sku="S-1",
            title="Small",
            position=1,
            cost_minor=400,
            tax_rate_bp=2000,
            stock_quantity=7,
        ),
        VariantInput(
            external_id="V2", price_minor=1350, currency="GBP", sku="S-2", title="Large", position=2, is_active=False
        ),
    )
    assert [variant.external_id for variant in mug.variants] == ["P2"]
    assert [item.lines for item in found.items] == [(2, 4), (3,)]


def test_a_product_with_one_bad_variant_is_reported_whole():
    header = "external_id,title,variant_external_id,variant_price,variant_currency"
    found = read(rows("P1,A,V1,1.005,GBP", "P1,A,V2,1.00,GBP", "P2,B,V3,1.00,GBP", header=header), "pro_products")
    found.assert_reconciles()
    assert found.lines_left == {2: "bad_number", 3: "refused_with_other"}
    assert len(found.items) == 1


def test_customers_with_consent_and_suppression():
    header = "source,external_id,email,first_name,accepts_marketing,consented_at,consent_source,created_at,suppressed"
    found = read(
        rows(
            "shop,1,ann@example.com,'=Ann,true,2025-03-01T12:00:00Z,checkout,2025-03-01T12:00:00Z,unsubscribed",
            ",2,,,,,,,",
            ",3,not an address,,,,,,",
            ",4,,,,,,,perhaps",
            ",1,again@example.com,,false,,,,",
            header=header,
        ),
        "pro_customers",
        size=2,
    )
    found.assert_reconciles()
    assert found.items[0].data == CustomerInput(
        external_id="1",
        email="ann@example.com",
        first_name="=Ann",
        accepts_marketing=True,
        consented_at=NOON,
        consent_source="checkout",
        created_at=NOON,
    )
    assert [(item.suppressed, item.source) for item in found.items[:2]] == [("unsubscribed", "shop"), ("", "custom")]
    assert found.lines_left == {4: "bad_email", 5: "bad_value"}
    assert [(batch.number, len(batch.items)) for batch in found.batches] == [(0, 2), (1, 0), (2, 1)]
    assert found.counts == {"customers": 5}


@pytest.mark.parametrize("start", [0, 1, 3, 24])
def test_many_rows_are_batches_that_can_be_gone_on_with_anywhere(start):
    """More than stand together in one record of the scratch file."""
    lines = [f"{number},GBP,1.00" for number in range(1, 1201)]
    found = read(rows(*lines, header="code,currency,balance"), "gift_card_balances", start=start, size=50)
    codes = [card.code for card in found.data("gift_cards")]
    assert codes == [str(number) for number in range(1 + start * 50, 1201)]


def test_lines_of_a_long_credit_note_are_numbered_through():
    header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
    lines = ["C1,A,N,-1,2011-01-02,1.00,7,EIRE"] * 700 + ["2,A,N,1,2011-01-02,1.00,7,EIRE"]
    found = read(rows(*lines, lines[0], header=header), "online_retail", start=8, size=100)
    assert [credit.external_id for credit in found.data("credits")] == [f"C1:{place}" for place in range(601, 702)]


def test_gift_cards_add_up_by_currency():
    found = read(
        rows(
            "ABCD-1,GBP,12.50,,2030-01-01T00:00:00Z,,ann@example.com,from the till",
            "ABCD-2,EUR,3.00,,,7,,",
            "ABCD-3,EUR,-3.00,,,7,,",
            header="code,currency,balance,issued_at,expires_at,customer_external_id,customer_email,note",
        ),
        "gift_card_balances",
    )
    found.assert_reconciles()
    assert found.sum_in == {"GBP": Decimal("12.50"), "EUR": Decimal("0.00")}
    assert found.items[0].data == GiftCardInput(
        code="ABCD-1",
        currency="GBP",
        balance_minor=1250,
        expires_at=datetime(2030, 1, 1, tzinfo=UTC),
        customer_email="ann@example.com",
        note="from the till",
    )
    assert found.lines_left == {4: "negative"}


ORDER_HEADER = (
    "source,external_id,number,version,currency,placed_at,paid_at,tax_inclusive,total,checkout_total,checkout_net,"
    "shipping_price,shipping_tax,shipping_refunded,customer_external_id,tenders,refunds,line_external_id,line_title,"
    "line_quantity,line_unit_price,line_discount,line_tax,line_tax_rate,line_refunded,line_refunded_quantity,"
    "line_edit_id,landing_utm"
)
EDIT = UUID("0190aaaa-0000-7000-8000-000000000001")
TENDERS = [{"kind": "card", "provider": "stripe", "brand": "visa", "last4": "4242", "amount": "15.00"}]
REFUNDS = [
    {
        "external_id": "r1",
        "refunded_at": "2025-03-01T12:00:00Z",
        "lines": [{"line_external_id": "1", "quantity": 1, "amount": "2.00"}],
        "shipping": "1.00",
    }
]


def own_order(**cells):
    first = {
        "source": "shop",
        "external_id": "9",
        "number": "'#9",
        "version": "3",
        "currency": "EUR",
        "placed_at": "2025-03-01T12:00:00+00:00",
        "tax_inclusive": "true",
        "total": "15.00",
        "checkout_total": "12.00",
        "shipping_price": "2.00",
        "shipping_refunded": "1.00",
        "tenders": quoted(TENDERS),
        "refunds": quoted(REFUNDS),
        "landing_utm": quoted({"utm_source": "mail"}),
        "line_external_id": "1",
        "line_title": "' spaced ",
        "line_quantity": "2",
        "line_unit_price": "5.00",
        "line_tax_rate": "0.2000",
        "line_refunded": "2.00",
        "line_refunded_quantity": "1",
        **cells,
    }
    second = {
        "source": "shop",
        "external_id": "9",
        "line_external_id": "2",
        "line_title": "Added",
        "line_quantity": "1",
        "line_unit_price": "3.00",
        "line_edit_id": str(EDIT),
    }
    names = ORDER_HEADER.split(",")
    return rows(*(",".join(row.get(name, "") for name in names) for row in (first, second)), header=ORDER_HEADER)


def test_our_own_orders_come_back_with_all_that_they_hold():
    found = read(own_order(), "pro_orders")
    found.assert_reconciles()
    (order,) = found.data()
    assert (order.source, order.number, order.version, order.total_minor) == ("shop", "#9", 3, 1500)
    assert (order.checkout_total_minor, order.checkout_net_minor) == (1200, None)
    assert order.paid_at is None
    assert order.landing_utm == {"utm_source": "mail"}
    assert [(each.title, each.tax_rate_bp, each.edit_id) for each in order.lines] == [
        (" spaced ", 2000, None),
        ("Added", 0, EDIT),
    ]
    assert order.tenders == (
        TenderInput(kind="card", provider="stripe", brand="visa", last4="4242", amount_minor=1500),
    )
    assert order.refunds == (
        RefundInput(
            external_id="r1",
            refunded_at=NOON,
            lines=(RefundLineInput(line_external_id="1", quantity=1, amount_minor=200),),
            shipping_minor=100,
        ),
    )


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("tenders", "{"),
        ("tenders", '"[1]"'),
        ("tenders", quoted([{"kind": "card", "amount": "1.5"}])),
        ("refunds", quoted([{"external_id": "r", "refunded_at": "31/02/2025"}])),
        ("refunds", quoted([{"external_id": "r", "refunded_at": "2025-03-01", "lines": [1]}])),
        ("refunds", "[" * 100_000),
        ("tenders", quoted([{"kind": "gold", "amount": "1.50"}])),
        ("tenders", quoted([{"kind": "card", "amount": "1.50", "last4": "42424"}])),
        ("refunds", quoted([{"external_id": "r", "refunded_at": "2025-03-01", "lines": [{"quantity": -1}]}])),
        ("landing_utm", quoted({"a": float("nan")})),
        ("landing_utm", quoted({"a": "\0"})),
        ("landing_utm", quoted({"a": "\ud800"})),
        ("landing_utm", quoted([])),
        ("number", "9" * 65),
        ("line_edit_id", "seven"),
        ("line_tax_rate", "20"),
        ("version", "one"),
        ("tax_inclusive", "maybe"),
        ("total", "14.99"),
        ("shipping_price", "-2.00"),
        ("line_discount", "-1.00"),
    ],
)
def test_a_cell_of_our_own_layout_that_is_nonsense_is_reported(cell, text):
    found = read(own_order(**{cell: text}), "pro_orders")
    found.assert_reconciles()
    assert found.lines_left.keys() == {2, 3}
    assert found.data() == []


def test_a_broken_row_breaks_the_order_whose_id_is_quoted():
    header = "external_id,currency,placed_at,line_title,line_quantity,line_unit_price"
    found = read(rows("'-1,GBP,2025-03-01,Tea,1,1.00", "'-1,GBP", header=header), "pro_orders")
    assert found.lines_left == {2: "order_refused", 3: "bad_row"}


def test_two_systems_may_use_the_same_id():
    header = "source,external_id,currency,placed_at,line_title,line_quantity,line_unit_price"
    lines = ["a,1,GBP,2025-03-01,Tea,1,1.00", "b,1,GBP,2025-03-01,Tea,1,1.00", ",1,,,Cup,1,1.00", "a,1,GBP"]
    found = read(rows(*lines, header=header), "pro_orders")
    found.assert_reconciles()
    assert [(order.source, order.external_id, len(order.lines)) for order in found.data()] == [("b", "1", 2)]
    assert found.lines_left == {2: "order_refused", 5: "bad_row"}


def test_rows_can_be_told_from_credits_by_any_column():
    profile = Profile.parse(
        {
            "kind": "orders",
            "currency": "GBP",
            "refund_field": "status",
            "refund_prefix": "Ref",
            "statuses": {"Sale": "paid"},
            "columns": {
                "external_id": "o",
                "placed_at": "d",
                "status": "type",
                "customer_external_id": "c",
                "line_sku": "s",
                "line_quantity": "q",
                "line_unit_price": "p",
            },
        }
    )
    found = read(
        rows("1,2025-03-01,Sale,7,A,2,1.00", "1,2025-03-02,Refund,7,A,-1,1.00", header="o,d,type,c,s,q,p"), profile
    )
    found.assert_reconciles()
    assert found.counts == {"orders": 1, "credits": 1}
    assert found.data("credits")[0].external_id == "1:1"
