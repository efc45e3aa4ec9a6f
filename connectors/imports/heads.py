"""What stands once per order: times, status, customer, addresses, tenders, recorded refunds."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from connectors.imports.cells import ID_LIMIT, BadCell, Cells
from connectors.imports.lines import FULFILLED
from connectors.imports.profile import Profile
from connectors.imports.scratch import Row
from connectors.imports.values import (
    MAX_QUANTITY,
    BadValue,
    Values,
    country_code,
    flag,
    json_value,
    shown,
    texts,
    version_number,
)
from core.money import MoneyError, parse_amount
from orders.inputs import AddressInput, CustomerInput, RefundInput, RefundLineInput, TenderInput

T = TypeVar("T")
_NO_TEXTS: tuple[str, ...] = ()
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
_ANY_CODE = re.compile(r"[A-Z]{2}")
_TIMES = ("cancelled_at", "fulfilment_started_at", "fulfilled_at", "delivered_at")
_ADDRESS_PARTS = ("line1", "line2", "city", "region", "postal_code")
_CUSTOMER_FIELDS = ("customer_external_id", "customer_email")
_WORD_LIMITS = {"provider": 32, "brand": 20, "last4": 4}
TENDER_KINDS = ("card", "gift_card", "other")
RISKS = ("unknown", "low", "medium", "high")
# Shops' clocks disagree within themselves: paid a moment before it was placed is paid when placed.
_SAME_MOMENT = timedelta(hours=1)


class Heads:
    def __init__(self, profile: Profile, cells: Cells, values: Values) -> None:
        self._profile, self._cells, self._values = profile, cells, values
        self._statuses = {name.casefold(): meaning for name, meaning in profile.statuses.items()}
        self._times = [field for field in _TIMES if cells.has(field)]
        self._texts = [field for field in ("sales_channel", "shipping_title") if cells.has(field)]
        self._has_customers = any(map(cells.has, _CUSTOMER_FIELDS))
        self._addresses = [which for which in ("shipping", "billing") if cells.has(f"{which}_address_country")]
        self.remarks: list[BadCell] = []
        """What was left out of the order that was read last, without the order being refused."""
        self._has_rest = any(map(cells.has, ("version", "fx_rate", "tags", "landing_utm", "risk_level", "is_test")))

    def value(self, rows: Sequence[Row], field: str, parse: Callable[[str], T], default: T) -> T:
        return self._cells.read(self._cells.first(rows, field), field, parse, default)

    def text(self, rows: Sequence[Row], field: str) -> str:
        return self._cells.text(self._cells.first(rows, field), field)

    def agree(self, rows: Sequence[Row], field: str) -> None:
        """Raises BadCell where two rows of one order say two things."""
        if not self._cells.has(field):
            return
        getter, said = self._cells.getter(field), ""
        for row in rows:
            text = getter(row)
            if text and said and text != said:
                message = "A row of the same order before it says something else."
                raise BadCell(row[0], self._cells.column(field), "contradiction", message)
            said = said or text

    def _remark(self, rows: Sequence[Row], field: str, code: str, message: str) -> None:
        line = self._cells.first(rows, field)[0]
        self.remarks.append(BadCell(line, self._cells.column(field), code, message))

    def status(self, rows: Sequence[Row]) -> str:
        """paid, unpaid, cancelled, ignored, or empty where the profile does not look at it. Raises BadCell."""
        if not self._statuses or not self._cells.has("status"):
            return ""
        row = self._cells.first(rows, "status")
        text = self._cells.getter("status")(row)
        if text.casefold() not in self._statuses:
            known = ", ".join(self._statuses)
            message = f"{text!r} is none of the statuses that the profile knows ({known}). Add it there."
            raise BadCell(row[0], self._cells.column("status"), "unknown_status", message)
        return self._statuses[text.casefold()]

    def times(self, rows: Sequence[Row], status: str) -> dict[str, datetime | None]:
        cells, moment = self._cells, self._values.moment
        placed_at = cells.need(cells.first(rows, "placed_at"), "placed_at", moment)
        get, said = cells.getter("placed_at"), ""
        for row in rows:  # the first counts, but none may be nonsense
            text = get(row)
            if text and text != said:
                cells.need(row, "placed_at", moment)
                said = text
        found: dict[str, datetime | None] = {"placed_at": placed_at}
        for field in self._times:
            found[field] = self.value(rows, field, moment, None)
        paid_at = self.value(rows, "paid_at", moment, None) if cells.has("paid_at") else None
        if status in ("paid", "unpaid"):
            paid_at = (paid_at or placed_at) if status == "paid" else None
        elif status == "cancelled":
            # The file does not say when.
            found["cancelled_at"] = found.get("cancelled_at") or placed_at
        if paid_at and placed_at - _SAME_MOMENT < paid_at < placed_at:
            paid_at = placed_at
        found["paid_at"] = paid_at
        return found

    def is_fulfilled(self, rows: Sequence[Row]) -> bool:
        return self._cells.has("fulfilment_status") and self.text(rows, "fulfilment_status").lower() in FULFILLED

    def knows_customer(self, rows: Sequence[Row]) -> bool:
        return any(self._cells.getter(field)(self._cells.first(rows, field)) for field in _CUSTOMER_FIELDS)

    def customer(self, rows: Sequence[Row]) -> CustomerInput | None:
        """None for a guest. Without an id the e-mail address is the id."""
        if not self._has_customers:
            return None
        email = self.text(rows, "customer_email")
        if email and not is_email(email):
            self._remark(rows, "customer_email", "bad_email", "This is no e-mail address; it is left out.")
            email = ""
        external_id = self.text(rows, "customer_external_id") or email.casefold()
        if not external_id:
            return None
        if len(external_id) > ID_LIMIT:
            row = self._cells.first(rows, "customer_email")
            message = f"Without an id the address is the id; {ID_LIMIT} characters at most."
            raise BadCell(row[0], self._cells.column("customer_email"), "too_long", message)
        first, last = self.text(rows, "customer_first_name"), self.text(rows, "customer_last_name")
        if not first and not last and self._cells.has("customer_name"):
            first, _, last = self.text(rows, "customer_name").rpartition(" ")
        return CustomerInput(
            external_id=external_id,
            email=email,
            first_name=first[:100],
            last_name=last[:100],
            phone=self.text(rows, "customer_phone"),
            locale=self.text(rows, "customer_locale"),
            accepts_marketing=self.value(rows, "customer_accepts_marketing", flag, None),
        )

    def addresses(self, rows: Sequence[Row]) -> dict[str, AddressInput | None]:
        return {f"{which}_address": self._address(rows, f"{which}_address_") for which in self._addresses}

    def _address(self, rows: Sequence[Row], prefix: str) -> AddressInput | None:
        """None without a country that is one: nothing could be sent there."""
        text = self.text(rows, f"{prefix}country")
        country = country_code(text)
        if not country and self._profile.unquotes_formulas and _ANY_CODE.fullmatch(text):
            country = text  # of our own files: what the API took is kept, also codes that are no country's yet
        if not country:
            if text:
                message = f"{shown(text)} is no country; the address is left out."
                self._remark(rows, f"{prefix}country", "unknown_country", message)
            return None
        parts = {part: self.text(rows, f"{prefix}{part}") for part in _ADDRESS_PARTS if self._cells.has(prefix + part)}
        if "postal_code" in parts and not self._profile.unquotes_formulas:
            parts["postal_code"] = parts["postal_code"].removeprefix("'")
        name = self.text(rows, f"{prefix}name")
        if not name and self._cells.has(f"{prefix}last_name"):
            name = f"{self.text(rows, f'{prefix}first_name')} {self.text(rows, f'{prefix}last_name')}".strip()
        return AddressInput(country=country, name=name, **parts)

    def rest(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Everything else that is said once and is no amount."""
        found: dict[str, Any] = {field: self.text(rows, field) for field in self._texts}
        if not self._has_rest:
            return found
        values = self._values
        found["version"] = self.value(rows, "version", version_number, None)
        found["fx_rate"] = self.value(rows, "fx_rate", values.number, None)
        found["tags"] = self.value(rows, "tags", texts, _NO_TEXTS)
        found["landing_utm"] = self.value(rows, "landing_utm", _record, _no_record())
        risk = self.text(rows, "risk_level").lower()
        found["risk_level"] = risk if risk in RISKS else "unknown"
        found["is_test"] = self.value(rows, "is_test", flag, False)
        return found

    def tenders(self, rows: Sequence[Row], total: int, currency: str, *, is_paid: bool) -> tuple[TenderInput, ...]:
        """As our own files list them, or one for all of it from the words for how it was paid."""
        if self._cells.has("tenders"):
            return self.value(
                rows, "tenders", lambda text: tuple(_tender(each, currency) for each in _records(text)), ()
            )
        method = self.text(rows, "payment_method") if self._cells.has("payment_method") else ""
        if not method or not is_paid or not total:
            return ()
        # With another way beside it the file does not say which paid how much.
        words = re.sub(r"[^a-z]+", " ", method.lower()).strip()
        kind = "gift_card" if words in ("gift card", "giftcard") else "other"
        return (TenderInput(kind=kind, amount_minor=total, captured_minor=total),)

    def refunds(self, rows: Sequence[Row], currency: str) -> tuple[RefundInput, ...]:
        if not self._cells.has("refunds"):
            return ()
        moment = self._values.moment
        return self.value(
            rows, "refunds", lambda text: tuple(_refund(each, currency, moment) for each in _records(text)), ()
        )


def is_email(text: str) -> bool:
    return len(text) <= 254 and _EMAIL.fullmatch(text) is not None


def _no_record() -> dict[str, Any]:
    return {}


def _record(text: str) -> dict[str, Any]:
    found = json_value(text)
    if not isinstance(found, dict):
        raise BadValue("This is not a JSON record.")
    return found


def _records(text: str) -> list[dict[str, Any]]:
    found = json_value(text)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise BadValue("This is not a JSON list of records.")
    return found


def _amount(record: Mapping[str, Any], key: str, currency: str) -> int:
    try:
        return parse_amount(_word(record, key), currency) if record.get(key) else 0
    except MoneyError as fault:
        raise BadValue(f"{key}: {fault}") from fault


def _tender(record: Mapping[str, Any], currency: str) -> TenderInput:
    if _word(record, "kind") not in TENDER_KINDS:
        raise BadValue(f"kind is none of {', '.join(TENDER_KINDS)}.")
    return TenderInput(
        kind=_word(record, "kind"),
        amount_minor=_amount(record, "amount", currency),
        captured_minor=_amount(record, "captured", currency),
        provider=_word(record, "provider"),
        provider_customer=_word(record, "customer"),
        provider_payment_method=_word(record, "payment_method"),
        brand=_word(record, "brand"),
        last4=_word(record, "last4"),
        redemption_ref=_word(record, "redemption_ref"),
    )


def _word(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key) or ""
    if not isinstance(value, str):
        raise BadValue(f"{key} is not a text.")
    if len(value) > _WORD_LIMITS.get(key, ID_LIMIT):
        raise BadValue(f"{key} is too long.", "too_long")
    return value


def _refund(record: Mapping[str, Any], currency: str, moment: Callable[[str], datetime]) -> RefundInput:
    lines = record.get("lines") or []
    if not isinstance(lines, list) or not all(isinstance(each, dict) for each in lines):
        raise BadValue("lines is not a list of records.")
    return RefundInput(
        external_id=_word(record, "external_id"),
        refunded_at=moment(_word(record, "refunded_at")),
        lines=tuple(
            RefundLineInput(
                line_external_id=_word(each, "line_external_id"),
                quantity=_count(each),
                amount_minor=_amount(each, "amount", currency),
            )
            for each in lines
        ),
        shipping_minor=_amount(record, "shipping", currency),
    )


def _count(record: Mapping[str, Any]) -> int:
    quantity = record.get("quantity") or 0
    if type(quantity) is not int or not 0 <= quantity <= MAX_QUANTITY:
        raise BadValue("quantity is not a whole number that a line can have.")
    return quantity
