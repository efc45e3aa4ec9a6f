"""Rows to products, customers and gift cards."""

from collections.abc import Callable, Sequence
from typing import Any

from connectors.imports.amounts import ZERO, Amounts
from connectors.imports.cells import BadCell, Cells
from connectors.imports.heads import is_email
from connectors.imports.plan import Item, Note
from connectors.imports.profile import Profile
from connectors.imports.scratch import Row
from connectors.imports.values import BadValue, Values, basis_points, flag, shown, texts
from giftcards.inputs import GiftCardInput
from orders.inputs import CustomerInput, ProductInput, VariantInput

Read = tuple[Item | None, list[Note]]
SUPPRESSIONS = ("unsubscribed", "bounced", "complained", "manual")
_STATUSES = {"active": "active", "archived": "archived", "draft": "archived"}
_NO_TEXTS: tuple[str, ...] = ()


class RecordMapper:
    """One of them for each kind of file."""

    def __init__(self, profile: Profile, cells: Cells, values: Values, amounts: Amounts) -> None:
        self._profile, self._cells, self._values, self._amounts = profile, cells, values, amounts
        self._map: Callable[[Sequence[Row], str], Item] = {
            "products": self._product,
            "customers": self._customer,
            "gift_cards": self._gift_card,
        }[profile.kind]

    def read(self, rows: Sequence[Row]) -> Read:
        currency = self._amounts.currency(rows)
        try:
            if bad := [row for row in rows if row[1] is None]:
                raise BadCell(bad[0][0], "", "bad_row", bad[0][2])
            return self._map(rows, currency), []
        except BadCell as fault:
            amounts = self._amounts.of(rows)
            others = f"Line {fault.line:,}, which belongs to it, cannot be read: it is not imported."
            return None, [
                Note(row[0], fault.column, fault.code, fault.message, amount, currency, True)
                if row[0] == fault.line
                else Note(row[0], "", "refused_with_other", others, amount, currency, True)
                for row, amount in zip(rows, amounts, strict=True)
            ]

    def names_complements(self, rows: Sequence[Row]) -> bool:
        return rows[0][1] is not None and bool(self._cells.getter("complements")(rows[0]))

    def _text(self, row: Row, field: str) -> str:
        return self._cells.text(row, field)

    def _need(self, row: Row, field: str) -> str:
        text = self._text(row, field)
        if not text:
            raise BadCell(row[0], self._cells.column(field), "missing", "Nothing stands here.")
        return text

    def _product(self, rows: Sequence[Row], currency: str) -> Item:
        cells, row = self._cells, rows[0]
        external_id = self._need(row, "external_id")
        data = ProductInput(
            source=self._text(row, "source") or self._profile.source,
            external_id=external_id,
            title=self._need(row, "title"),
            variants=tuple(self._variant(each, currency, external_id, len(rows)) for each in rows),
            type=self._text(row, "type"),
            collections=cells.read(row, "collections", texts, _NO_TEXTS),
            tags=cells.read(row, "tags", texts, _NO_TEXTS),
            picture_url=self._text(row, "picture_url"),
            is_consumable=cells.read(row, "is_consumable", flag, False),
            status=cells.read(row, "status", _status, "active"),
            complements=cells.read(row, "complements", texts, _NO_TEXTS),
        )
        return Item(tuple(each[0] for each in rows), ZERO, currency, data)

    def _variant(self, row: Row, currency: str, product_id: str, count: int) -> VariantInput:
        cells, values = self._cells, self._values
        if self._text(row, "variant_currency"):
            currency = self._amounts.currency([row])
        if not currency:
            raise BadCell(row[0], cells.column("variant_currency"), "bad_currency", "This is not an ISO 4217 currency.")
        sku = self._text(row, "variant_sku")
        external_id = self._text(row, "variant_external_id") or sku or (product_id if count == 1 else "")
        if not external_id:
            raise BadCell(row[0], cells.column("variant_external_id"), "missing", "Which variant is it?")
        return VariantInput(
            external_id=external_id,
            price_minor=self._amount(row, "variant_price", currency),
            currency=currency,
            sku=sku,
            title=self._text(row, "variant_title"),
            position=cells.read(row, "variant_position", values.count, 0),
            cost_minor=self._amount(row, "variant_cost", currency) if self._text(row, "variant_cost") else None,
            tax_rate_bp=cells.read(row, "variant_tax_rate", _optional(self._rate), None),
            stock_quantity=cells.read(row, "variant_stock_quantity", _optional(values.whole), None),
            is_active=cells.read(row, "variant_is_active", flag, True),
        )

    def _rate(self, text: str) -> int:
        return basis_points(self._values.number(text))

    def _amount(self, row: Row, field: str, currency: str) -> int:
        amount = self._cells.need(row, field, self._values.money(currency))
        if amount.rest:
            message = f"{amount.stated} has parts of the smallest coin."
            raise BadCell(row[0], self._cells.column(field), "bad_number", message)
        if amount.minor < 0:
            raise BadCell(row[0], self._cells.column(field), "negative", "This is below zero.")
        return amount.minor

    def _customer(self, rows: Sequence[Row], currency: str) -> Item:
        cells, values, row = self._cells, self._values, rows[0]
        email = self._email(row, "email")
        moment = _optional(values.moment)
        data = CustomerInput(
            external_id=self._text(row, "external_id") or email.casefold() or self._need(row, "external_id"),
            email=email,
            first_name=self._text(row, "first_name"),
            last_name=self._text(row, "last_name"),
            phone=self._text(row, "phone"),
            locale=self._text(row, "locale"),
            accepts_marketing=cells.read(row, "accepts_marketing", _optional(flag), None),
            consented_at=cells.read(row, "consented_at", moment, None),
            consent_source=self._text(row, "consent_source"),
            created_at=cells.read(row, "created_at", moment, None),
        )
        source = self._text(row, "source") or self._profile.source
        suppressed = cells.read(row, "suppressed", _suppression, "")
        return Item((row[0],), ZERO, "", data, suppressed=suppressed, source=source)

    def _email(self, row: Row, field: str) -> str:
        email = self._text(row, field)
        if email and not is_email(email):
            raise BadCell(row[0], self._cells.column(field), "bad_email", "This is no e-mail address.")
        return email

    def _gift_card(self, rows: Sequence[Row], currency: str) -> Item:
        cells, row = self._cells, rows[0]
        if not currency:
            raise BadCell(row[0], cells.column("currency"), "bad_currency", "This is not an ISO 4217 currency.")
        moment = _optional(self._values.moment)
        data = GiftCardInput(
            code=self._need(row, "code"),
            currency=currency,
            balance_minor=self._amount(row, "balance", currency),
            issued_at=cells.read(row, "issued_at", moment, None),
            expires_at=cells.read(row, "expires_at", moment, None),
            customer_external_id=self._text(row, "customer_external_id"),
            customer_email=self._email(row, "customer_email"),
            note=self._text(row, "note"),
        )
        return Item((row[0],), self._amounts.of(rows)[0], currency, data)


def _optional(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    return parse


def _status(text: str) -> str:
    try:
        return _STATUSES[text.strip().lower()]
    except KeyError:
        raise BadValue(f"{shown(text)} is none of {', '.join(_STATUSES)}.") from None


def _suppression(text: str) -> str:
    if text.strip().lower() not in SUPPRESSIONS:
        raise BadValue(f"{shown(text)} is none of {', '.join(SUPPRESSIONS)}.")
    return text.strip().lower()
