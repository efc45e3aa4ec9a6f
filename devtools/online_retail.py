"""Files in the Online Retail layout, read into payloads of the public API. Pure: no Django, no network.

Columns: InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country.

Rules
- The file is read line by line, twice, and never held: the first reading counts the day's lines by invoice and notes
  the day's catalogue, the second hands out each invoice as soon as its last line has come. What is kept grows with
  one day, not with the file.
- A line belongs to the day of its InvoiceDate. An order's time is that of its first line.
- An invoice number that begins with a letter (`C` cancels, `A` corrects a debt) is not a sale: listed, not posted.
- A line with a negative or zero quantity or a negative price is a correction of stock or money: listed, not posted.
- Lines at price 0.00 of an invoice that has a customer are gifts and stay in the order. An invoice without customer
  in which everything costs nothing is a stock correction: listed, not posted.
- A price with more decimals than pence is rounded half up, and the difference is listed.
- Postage (`POST`, `DOT`, `C2`) is the order's shipping; where an invoice has nothing else, it stays a line.
- Other codes that are no goods (manual entries, fees, samples, sold vouchers) stay lines, without a variant.
- Identical lines are two lines: the file's total counts both. They are counted in the report.
- No CustomerID: an order without customer and without saved card.
- The file names no tax: prices are taken as final, tax 0.00, tax-inclusive.
- Names, mail addresses and streets are not in the file. Customer 17850 is called "Customer 17850", with a reserved
  mail address; of the address only the country is known.
"""

import csv
import gzip
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from connectors.imports.values import country_code

Payload = dict[str, Any]
SOURCE = "custom"
CURRENCY = "GBP"
COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
PENNY = Decimal("0.01")
POSTAGE = frozenset({"POST", "DOT", "C2"})
# Goods have a code of five digits and at most a few letters; gift boxes of the charity shop begin with DCGS.
_GOODS = re.compile(r"^(\d{5}[A-Za-z]{0,3}|DCGS\w+)$")


class LayoutError(ValueError):
    """The file is not in the Online Retail layout."""


@dataclass(frozen=True)
class Row:
    number: int
    """Line in the file, the header being line 1."""
    invoice: str
    code: str
    description: str
    quantity: int
    at: datetime
    price: Decimal
    customer: str
    country: str

    @property
    def amount(self) -> Decimal:
        return self.quantity * self.price

    @property
    def is_goods(self) -> bool:
        return bool(_GOODS.match(self.code))


@dataclass(frozen=True)
class Left:
    """A line that is not in an order as the file has it, and why."""

    row: Row
    reason: str
    amount: Decimal
    """What the order's total misses because of it."""


@dataclass(frozen=True)
class CatalogueEntry:
    title: str
    price: Decimal


@dataclass
class Day:
    """What the first reading finds out."""

    lines: int = 0
    total: Decimal = Decimal(0)
    by_invoice: dict[str, int] = field(default_factory=dict)
    catalogue: dict[str, CatalogueEntry] = field(default_factory=dict)


@dataclass(frozen=True)
class Invoice:
    number: str
    at: datetime
    customer: str
    country: str
    lines: tuple[Row, ...]
    postage: tuple[Row, ...]
    left: tuple[Left, ...]
    duplicates: int
    file_total: Decimal
    """Of all its lines in the file."""

    @property
    def total(self) -> Decimal:
        return sum((pence(row.price) * row.quantity for row in (*self.lines, *self.postage)), Decimal(0))

    @property
    def is_order(self) -> bool:
        return bool(self.lines)


def pence(amount: Decimal) -> Decimal:
    return amount.quantize(PENNY, ROUND_HALF_UP)


@contextmanager
def opened(path: Path) -> Iterator[io.TextIOBase]:
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8-sig", errors="strict", newline="") as packed:
            yield packed
    else:
        with path.open(encoding="utf-8-sig", newline="") as plain:
            yield plain


def rows(lines: Iterable[str], day: date) -> Iterator[Row]:
    """The lines of one day. Raises LayoutError with the line number."""
    reader = csv.DictReader(lines, restval="")
    if reader.fieldnames is None or not set(COLUMNS) <= set(reader.fieldnames):
        raise LayoutError(f"The first line must name these columns: {', '.join(COLUMNS)}.")
    wanted = day.isoformat()
    for raw in reader:
        if raw["InvoiceDate"].startswith(wanted):
            yield _row(raw, reader.line_num)


def _price(text: str) -> Decimal:
    price = Decimal(text)
    if not price.is_finite():
        raise ValueError(f"{text} is no price.")
    return price


def _row(raw: dict[str, str], number: int) -> Row:
    try:
        return Row(
            number=number,
            invoice=raw["InvoiceNo"].strip(),
            code=raw["StockCode"].strip(),
            description=" ".join(raw["Description"].split()),
            quantity=int(raw["Quantity"]),
            at=datetime.fromisoformat(raw["InvoiceDate"]),
            price=_price(raw["UnitPrice"]),
            customer=raw["CustomerID"].strip().removesuffix(".0"),
            country=raw["Country"].strip(),
        )
    except (ValueError, ArithmeticError) as problem:
        raise LayoutError(f"Line {number} cannot be read: {problem}") from problem


def survey(path: Path, day: date) -> Day:
    found = Day()
    with opened(path) as file:
        for row in rows(file, day):
            found.lines += 1
            found.total += row.amount
            found.by_invoice[row.invoice] = found.by_invoice.get(row.invoice, 0) + 1
            known = found.catalogue.get(row.code)
            if row.is_goods and row.quantity > 0 and (known is None or known.price == 0):
                found.catalogue[row.code] = CatalogueEntry(title(row), pence(row.price))
    return found


def invoices(path: Path, day: date, by_invoice: dict[str, int]) -> Iterator[Invoice]:
    """Each invoice of the day once its last line has come; lines of one invoice need not stand together."""
    waiting: dict[str, list[Row]] = {}
    with opened(path) as file:
        for row in rows(file, day):
            come = waiting.setdefault(row.invoice, [])
            come.append(row)
            if len(come) == by_invoice[row.invoice]:
                yield _invoice(waiting.pop(row.invoice))


def _invoice(come: list[Row]) -> Invoice:
    lines: list[Row] = []
    postage: list[Row] = []
    left: list[Left] = []
    first = come[0]
    for row in come:
        reason = _refused(row)
        if reason:
            left.append(Left(row, reason, row.amount))
            continue
        (postage if row.code in POSTAGE else lines).append(row)
        if row.price != pence(row.price):
            difference = row.amount - pence(row.price) * row.quantity
            left.append(Left(row, "price has parts of a penny, rounded", difference))
    if not first.customer and not any(row.amount for row in (*lines, *postage)):
        left += [
            Left(row, "costs nothing and has no customer: stock correction", Decimal(0)) for row in lines + postage
        ]
        lines, postage = [], []
    if not lines:
        lines, postage = postage, []
    return Invoice(
        number=first.invoice,
        at=first.at,
        customer=first.customer,
        country=first.country,
        lines=tuple(lines),
        postage=tuple(postage),
        left=tuple(left),
        duplicates=len(come) - len({(r.code, r.description, r.quantity, r.at, r.price) for r in come}),
        file_total=sum((row.amount for row in come), Decimal(0)),
    )


def _refused(row: Row) -> str:
    if not row.invoice[:1].isdigit():
        return "cancellation" if row.invoice.startswith("C") else "not a sales invoice"
    if row.price < 0:
        return "negative price"
    if row.quantity < 0:
        return "negative quantity: stock correction or refund"
    return "quantity is zero" if row.quantity == 0 else ""


def title(row: Row) -> str:
    """The file shouts; a shop does not."""
    return row.description.capitalize() or row.code


def product_payload(code: str, entry: CatalogueEntry) -> Payload:
    """One product with one variant; its stock is not known. Without a price it is not for sale."""
    return {
        "source": SOURCE,
        "external_id": code,
        "title": entry.title,
        "status": "active" if entry.price else "archived",
        "variants": [
            {
                "external_id": code,
                "sku": code,
                "title": "",
                "price": f"{entry.price:.2f}",
                "currency": CURRENCY,
                "stock_quantity": None,
                "tax_rate": "0.0000",
                "position": 0,
            }
        ],
    }


def customer_payload(customer: str) -> Payload:
    return {
        "external_id": customer,
        "email": f"customer-{customer}@online-retail.example",
        "first_name": "Customer",
        "last_name": customer,
        "locale": "en-GB",
    }


def order_payload(invoice: Invoice, placed_at: datetime, card: Payload | None, label: str = "") -> Payload:
    """`card` is the customer's saved card as a tender without amounts; `label` makes it another order than before."""
    total = f"{invoice.total:.2f}"
    tender = card or {"kind": "other"}
    number = f"{invoice.number}-{label}" if label else invoice.number
    country = country_code(invoice.country)
    return {
        "source": SOURCE,
        "external_id": number,
        "number": number,
        "version": 1,
        "currency": CURRENCY,
        "placed_at": placed_at.isoformat(),
        "paid_at": placed_at.isoformat(),
        "tax_inclusive": True,
        "customer": customer_payload(invoice.customer) if invoice.customer else None,
        "lines": [_line(position, row) for position, row in enumerate(invoice.lines, start=1)],
        "shipping": {
            "title": "Postage" if invoice.postage else "",
            "price": f"{sum((pence(r.price) * r.quantity for r in invoice.postage), Decimal(0)):.2f}",
            "tax": "0.00",
        },
        "total": total,
        "shipping_address": _address(invoice, country) if country else None,
        "tenders": [{**tender, "amount": total, "captured": total}],
        "tags": ["replay", f"file time {invoice.at:%Y-%m-%d %H:%M}"],
        "sales_channel": "web",
    }


def _line(position: int, row: Row) -> Payload:
    return {
        "external_id": str(position),
        "variant_external_id": row.code if row.is_goods else None,
        "sku": row.code,
        "title": title(row),
        "variant_title": "",
        "quantity": row.quantity,
        "unit_price": f"{pence(row.price):.2f}",
        "discount": "0.00",
        "tax": "0.00",
        "tax_rate": "0.0000",
    }


def _address(invoice: Invoice, country: str) -> Payload:
    return {"name": f"Customer {invoice.customer}" if invoice.customer else "", "country": country}
