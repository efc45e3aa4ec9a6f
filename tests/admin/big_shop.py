"""Two shops of the same great size, written by PostgreSQL itself: what plans and pages look like after years.

A table is filled from one row that `one_of_everything` made and from expressions for the columns that must differ.
Rows that hang together are found by number: row `i` of merchant `m` has the id `big_key(m, i)`. The newest order has
the most of everything: lines, edits, mails, changes. Customer 1 has placed every fortieth order.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Model
from django.db.models.expressions import DatabaseDefault

from core.models import TenantModel
from core.tenancy import tenant_scope
from merchants.models import Membership, Merchant
from tests.factories import MerchantFactory, UserFactory
from tests.tenancy.enumeration import tenant_models
from tests.tenancy.rows import one_of_everything

# Of the newest order.
MOST = 200
PRODUCTS = 5_000
# A file a day for years.
RUNS = 2_000
_TURNS = 10

# A handful of rows however long a shop has been here.
SMALL = {
    "connectors.ImportProfile",
    "merchants.ApiKey",
    "merchants.Membership",
    "merchants.MerchantDomain",
    "merchants.MerchantExport",
    "metrics.DirtyDay",
    "payments.StripeAccount",
}

_KEY_SQL = """
    CREATE FUNCTION big_key(m bigint, i bigint) RETURNS uuid IMMUTABLE LANGUAGE sql AS
    $$ SELECT (lpad(to_hex(i), 16, '0') || lpad(to_hex(m), 16, '0'))::uuid $$
"""
_AT = "now() - (n - {of}) * interval '30 minutes'"
# Every order from the middle on was live and had a window; one in ten of all has an edit; the newest has MOST.
_EDITED = "greatest(1, n - 10 * i)"


@dataclass(frozen=True)
class Fill:
    """How many rows for `n` orders, and the expressions of the columns in which they differ. `i` counts from 1."""

    rows: Callable[[int], int]
    columns: dict[str, str] = field(default_factory=dict)
    # The rows of the newest order come after all others.
    of_newest: dict[str, str] | None = None


def _each(of: str = "i") -> dict[str, str]:
    return {"order_id": f"big_key(m, {of})"}


def _states(rare: dict[str, int], usual: str) -> str:
    """The newest rows have the rare states, as many of each as named; all others the usual one."""
    cases, last = [], 0
    for state, count in rare.items():
        last += count
        cases.append(f"WHEN total - i < {last} THEN '{state}'")
    return f"CASE {' '.join(cases)} ELSE '{usual}' END"


_SYLLABLES = "(ARRAY['an','ber','cor','den','el','fir','gar','hol','in','jor','kel','lun','mar','nor','os','per'])"
_FIRST = f"{_SYLLABLES}[1 + i % 16] || {_SYLLABLES}[1 + i / 16 % 16]"
_LAST = f"{_SYLLABLES}[1 + i * 7 % 16] || {_SYLLABLES}[1 + i / 3 % 16] || {_SYLLABLES}[1 + i / 48 % 16]"
_WINDOW_STATE = _states({"open": 30, "closing": 3}, "released")
_EDIT_STATE = _states({"manual_review": 5, "awaiting_customer": 5, "draft": 5}, "applied")
_PAYMENT_STATE = _states({"requires_action": 5, "declined": 9}, "succeeded")
_MAIL_STATE = _states({"failed": 7, "queued": 5}, "sent")

FILLS: dict[str, Fill] = {
    "orders.Customer": Fill(
        lambda n: n // 2,
        {
            "external_id": "'big-c' || i",
            "email": "'shopper' || i || '@mail.example'",
            "email_normalised": "'shopper' || i || '@mail.example'",
            "first_name": _FIRST,
            "last_name": _LAST,
            "name_normalised": f"{_FIRST} || ' ' || {_LAST}",
            "created_at": _AT.format(of="i"),
        },
    ),
    "orders.Address": Fill(lambda n: n),
    "orders.Product": Fill(
        lambda n: PRODUCTS,
        {"external_id": "'big-p' || i", "title": "'Tray ' || i", "status": _states({"archived": 9}, "active")},
    ),
    "orders.Variant": Fill(
        lambda n: 2 * PRODUCTS,
        {"product_id": "big_key(m, (i + 1) / 2)", "external_id": "'big-v' || i", "sku": "'SKU-' || i"},
    ),
    "orders.ProductComplement": Fill(
        lambda n: PRODUCTS, {"product_id": "big_key(m, i)", "complement_id": "big_key(m, i + 1)"}
    ),
    "orders.Order": Fill(
        lambda n: n,
        {
            "external_id": "'big-o' || i",
            "number": "'HP-' || (1000 + i)",
            "number_normalised": "'hp-' || (1000 + i)",
            "customer_id": "big_key(m, CASE WHEN i % 40 = 0 THEN 1 ELSE 1 + i * 7919 % (n / 2) END)",
            "shipping_address_id": "big_key(m, i)",
            "total_minor": "1000 + i * 37 % 20000",
            "placed_at": _AT.format(of="i"),
            "updated_at": _AT.format(of="i"),
            "is_backfill": "i <= n / 2",
            "status": "CASE WHEN i % 50 = 0 THEN 'cancelled' ELSE 'open' END",
            "cancelled_at": f"CASE WHEN i % 50 = 0 THEN {_AT.format(of='i')} END",
        },
    ),
    "orders.OrderLine": Fill(
        lambda n: 2 * n + n // 10 + MOST,
        {
            **_each("CASE WHEN i <= 2 * n THEN (i + 1) / 2 ELSE greatest(1, n - 10 * (i - 2 * n)) END"),
            "external_id": "'big-l' || i",
            "position": "i % 2",
            "origin": "CASE WHEN i <= 2 * n THEN 'checkout' ELSE 'edit' END",
            "edit_id": "CASE WHEN i > 2 * n THEN big_key(m, i - 2 * n) END",
        },
        of_newest={**_each("n"), "origin": "'checkout'", "edit_id": "NULL::uuid", "position": "i"},
    ),
    "orders.OrderTender": Fill(lambda n: n, _each()),
    "orders.OrderRefund": Fill(lambda n: n // 10, {**_each("10 * i"), "external_id": "'big-r' || i"}),
    "orders.OrderRevision": Fill(
        lambda n: n + n // 10 + MOST,
        {
            **_each(f"CASE WHEN i <= n THEN i ELSE {_EDITED.replace('i', '(i - n)')} END"),
            "version": "CASE WHEN i <= n THEN 2 ELSE i END",
            "edit_id": "CASE WHEN i > n THEN big_key(m, i - n) END",
            "created_at": _AT.format(of=f"CASE WHEN i <= n THEN i ELSE {_EDITED.replace('i', '(i - n)')} END"),
        },
        of_newest={**_each("n"), "version": "i", "edit_id": "NULL::uuid", "created_at": "now()"},
    ),
    "orders.EditWindow": Fill(
        lambda n: n - n // 2,
        {
            **_each("n / 2 + i"),
            "state": _WINDOW_STATE,
            "opened_at": _AT.format(of="n / 2 + i"),
            "closes_at": "now() + interval '1 hour'",
            "closed_at": f"CASE WHEN ({_WINDOW_STATE}) = 'released' THEN now() END",
        },
    ),
    "orders.WindowAdmission": Fill(
        lambda n: n // 20,
        {"window_id": "big_key(m, i)", "edit_id": "big_key(m, i)", "left_at": "now()"},
    ),
    "orders.StockReservation": Fill(
        lambda n: n // 10, {"edit_id": "big_key(m, i)", "state": "'consumed'", "finished_at": "now()"}
    ),
    "editing.EditSession": Fill(
        lambda n: n // 10 + MOST,
        {**_each(_EDITED), "state": _EDIT_STATE, "created_at": _AT.format(of=_EDITED)},
        of_newest={**_each("n"), "state": "'applied'"},
    ),
    "editing.EditOperation": Fill(lambda n: n // 10 + MOST, {"session_id": "big_key(m, i)"}),
    "editing.SagaStep": Fill(
        lambda n: 4 * (n // 10 + MOST),
        {
            "session_id": "big_key(m, (i + 3) / 4)",
            "position": "1 + i % 4",
            "name": "(ARRAY['reserve','authorise','apply','capture'])[1 + i % 4]",
        },
    ),
    "editing.EditTransition": Fill(lambda n: 3 * (n // 10 + MOST), {"session_id": "big_key(m, (i + 2) / 3)"}),
    "editing.Quote": Fill(lambda n: n // 10 + MOST, {"session_id": "big_key(m, i)"}),
    "payments.PaymentIntentRecord": Fill(
        lambda n: n // 10 + MOST,
        {
            **_each(_EDITED),
            "edit_id": "big_key(m, i)",
            "status": _PAYMENT_STATE,
            "captured_minor": f"CASE WHEN ({_PAYMENT_STATE}) = 'succeeded' THEN 2400 ELSE 0 END",
            "provider_intent_id": "'pi_' || i",
            "idempotency_key": "'key-' || i",
            "created_at": _AT.format(of=_EDITED),
        },
        of_newest={**_each("n"), "status": "'declined'", "captured_minor": "0"},
    ),
    "payments.PaymentEvent": Fill(lambda n: 3 * (n // 10 + MOST), {"intent_id": "big_key(m, (i + 2) / 3)"}),
    "messaging.Message": Fill(
        lambda n: n + MOST,
        {
            **_each(),
            "customer_id": "NULL::uuid",
            "to_email": "'Shopper' || i || '@mail.example'",
            "dedupe_key": "'mail-' || i",
            "state": _MAIL_STATE,
            "sent_at": f"CASE WHEN ({_MAIL_STATE}) = 'sent' THEN now() END",
            "created_at": _AT.format(of="least(i, n)"),
        },
        of_newest={**_each("n"), "state": "'sent'", "sent_at": "now()"},
    ),
    "messaging.Suppression": Fill(lambda n: n // 10, {"address_hash": "md5(i::text)"}),
    "metrics.OrderFact": Fill(
        lambda n: n, {**_each(), "placed_at": _AT.format(of="i"), "local_date": f"({_AT.format(of='i')})::date"}
    ),
    "metrics.PostPurchaseEntry": Fill(lambda n: n // 10, {**_each(_EDITED), "occurred_at": _AT.format(of=_EDITED)}),
    "metrics.MetricDay": Fill(
        lambda n: n // 10, {"local_date": "current_date - (1 + i / 4)::int", "channel": "'c' || i % 4"}
    ),
    "core.OutboxEvent": Fill(
        lambda n: 2 * n,
        {
            "aggregate_id": "big_key(m, i / 2)",
            "state": _states({"dead": 6, "pending": 20}, "done"),
            "occurred_at": _AT.format(of="(i / 2)"),
            "finished_at": "now()",
        },
    ),
    "core.InboundWebhook": Fill(
        lambda n: n,
        {
            "external_id": "'evt_' || i",
            "received_at": _AT.format(of="i"),
            "state": _states({"received": 7, "ignored": 9}, "processed"),
        },
    ),
    "core.IdempotencyRecord": Fill(lambda n: n, {"key": "'key-' || i"}),
    "core.StoredFile": Fill(lambda n: n // 50, {"created_at": _AT.format(of="(50 * i)")}),
    "core.StoredFilePart": Fill(lambda n: n // 50, {"file_id": "big_key(m, i)"}),
    "merchants.AuditEntry": Fill(
        lambda n: n + MOST,
        {
            "actor_type": _states({"shopper": 5, "user": 9}, "system"),
            "object_type": "'order'",
            "object_id": "big_key(m, i)::text",
            "at": _AT.format(of="least(i, n)"),
        },
        of_newest={"object_id": "big_key(m, n)::text", "actor_type": "'system'"},
    ),
    "connectors.ImportRun": Fill(
        lambda n: RUNS,
        {
            "file_id": "NULL::uuid",
            "state": _states({"failed": 3, "running": 1}, "done"),
            "created_at": _AT.format(of="(n / 2000 * i)"),
        },
    ),
    "connectors.ImportNote": Fill(
        lambda n: n, {"run_id": "CASE WHEN i <= n / 2 THEN big_key(m, 2000) ELSE big_key(m, 1 + i % 1999) END"}
    ),
    "giftcards.OpeningBalance": Fill(lambda n: n // 10, {"code_hash": "md5(i::text)"}),
    "portal.PortalLink": Fill(lambda n: n, {**_each(), "token_hash": "md5(i::text)"}),
}


@dataclass(frozen=True)
class BigShop:
    merchant: Merchant
    orders: int

    def key(self, i: int) -> str:
        return f"{i:016x}{self.merchant.pk:016x}"


def build(orders: int) -> BigShop:
    """Two shops of so many orders each; the first one is answered."""
    assert {model._meta.label for model in tenant_models()} == {*FILLS, *SMALL}, "a new table: fill it or call it small"
    with connection.cursor() as cursor:
        cursor.execute(_KEY_SQL)
        _drop_foreign_keys(cursor)
        # Without the pages that tests before this one have left: rows would be strewn over them, and a plan by chance.
        cursor.execute(f"VACUUM FULL {', '.join(sorted(growing_tables()))}")
    shops = [_shop(slug, orders) for slug in ("harrow", "kettle")]
    for label, fill in FILLS.items():
        # In turns, as rows come in life: else a shop's rows would lie together, and reading them all would look cheap.
        for part in range(_TURNS):
            for shop, samples in shops:
                _fill(samples[label], fill, shop, part)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return shops[0][0]


def _drop_foreign_keys(cursor: Any) -> None:
    """Checking millions of references takes most of the time, and nothing here is about them."""
    cursor.execute(
        "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) "
        "FROM pg_constraint WHERE contype = 'f'"
    )
    for (statement,) in cursor.fetchall():
        cursor.execute(statement)


def _shop(slug: str, orders: int) -> tuple[BigShop, dict[str, Model]]:
    merchant = MerchantFactory.create(slug=slug)
    with tenant_scope(merchant.pk):
        Membership.objects.create(user=UserFactory(email=f"{slug}@shop.example"), role="owner")
        return BigShop(merchant, orders), one_of_everything()


def _fill(sample: Model, fill: Fill, shop: BigShop, part: int) -> None:
    total = fill.rows(shop.orders)
    usual = total if fill.of_newest is None else total - MOST
    with tenant_scope(shop.merchant.pk):
        first, last = usual * part // _TURNS + 1, usual * (part + 1) // _TURNS
        _insert(sample, fill.columns, shop, (first, last), total)
        if fill.of_newest is not None and part == _TURNS - 1:
            _insert(sample, {**fill.columns, **fill.of_newest}, shop, (usual + 1, total), total)


def _insert(sample: Model, own: dict[str, str], shop: BigShop, span: tuple[int, int], total: int) -> None:
    columns, values, parameters = [], [], []
    for each in sample._meta.concrete_fields:
        value = getattr(sample, each.attname)
        if each.generated or isinstance(value, DatabaseDefault) or (each.attname == "id" and not _has_key(sample)):
            continue  # the database's own to fill
        columns.append(f'"{each.column}"')
        if each.attname in own:
            values.append(own[each.attname].replace("%", "%%"))
        elif each.attname == "id":
            values.append("big_key(m, i)")
        else:
            values.append("%s")
            parameters.append(each.get_db_prep_save(value, connection))
    unknown = set(own) - {each.attname for each in sample._meta.concrete_fields}
    assert not unknown, f"{sample._meta.label} has no {unknown}"
    with connection.cursor() as cursor:
        names = f"(VALUES ({shop.merchant.pk}::bigint, {shop.orders}::bigint, {total}::bigint)) AS shop(m, n, total)"
        numbers = f"generate_series({span[0]}::bigint, {span[1]}) AS i"
        rows = f"SELECT {', '.join(values)} FROM {numbers}, {names}"  # noqa: S608
        cursor.execute(f"INSERT INTO {sample._meta.db_table} ({', '.join(columns)}) {rows}", parameters)


def _has_key(sample: Model) -> bool:
    return sample._meta.pk is not None and sample._meta.pk.get_internal_type() == "UUIDField"


def growing_tables() -> set[str]:
    return {
        model._meta.db_table
        for model in tenant_models()
        if issubclass(model, TenantModel) and model._meta.label not in SMALL
    }
