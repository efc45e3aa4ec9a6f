"""One day of an Online Retail file, sent through the public API at the pace of that day or faster.

The file's clock runs `speed` times as fast as ours and starts now: an invoice that came two hours after the first one
is sent 7200 / speed seconds after it, and that moment is its `placed_at` and `paid_at`. So every order is live and its
window opens; the file's own time stands in the order's tags. With `file_zone` the file's own times are used instead,
read in that zone: then the windows have long closed.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from devtools import online_retail
from devtools.api_client import ApiClient, Refused
from devtools.online_retail import CatalogueEntry, Invoice, Left, Payload
from devtools.saved_cards import SavedCards


@dataclass
class Report:
    """What became of the day. Sums are in pounds."""

    file_lines: int = 0
    file_total: Decimal = Decimal(0)
    file_invoices: int = 0
    created: int = 0
    known: int = 0
    lines: int = 0
    postage_lines: int = 0
    duplicates: int = 0
    guests: int = 0
    products: int = 0
    customers: int = 0
    posted: Decimal = Decimal(0)
    left: list[Left] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """Orders that were refused, or whose total is not the file's."""
    editable: dict[str, int] = field(default_factory=dict)
    """Created orders whose customer has a saved card: id and number of lines."""

    @property
    def not_posted(self) -> Decimal:
        return sum((item.amount for item in self.left), Decimal(0))

    @property
    def is_balanced(self) -> bool:
        return self.posted + self.not_posted == self.file_total and not self.problems


@dataclass
class Replay:
    client: ApiClient
    cards: SavedCards | None
    speed: float
    label: str = ""
    fx_rate: str = ""
    file_zone: ZoneInfo | None = None
    say: Callable[[str], None] = lambda line: None
    wait: Callable[[float], None] = time.sleep
    _tenders: dict[str, Payload] = field(default_factory=dict)
    _known_products: set[str] = field(default_factory=set)

    def run(self, path: Path, day: date) -> Report:
        found = online_retail.survey(path, day)
        report = Report(found.lines, found.total, len(found.by_invoice))
        started, started_at = time.monotonic(), datetime.now(UTC)
        first: datetime | None = None
        for invoice in online_retail.invoices(path, day, found.by_invoice):
            first = first or invoice.at
            report.left += invoice.left
            report.duplicates += invoice.duplicates
            if not invoice.is_order:
                self.say(f"{invoice.at:%H:%M}  {invoice.number:<8} not an order: {invoice.left[0].reason}")
                continue
            due = max(0.0, (invoice.at - first).total_seconds() / self.speed)
            self.wait(max(0.0, started + due - time.monotonic()))
            placed_at = started_at + timedelta(seconds=due)
            if self.file_zone:
                placed_at = invoice.at.replace(tzinfo=self.file_zone).astimezone(UTC)
            self._send(invoice, placed_at, found.catalogue, report)
        return report

    def _send(
        self, invoice: Invoice, placed_at: datetime, catalogue: dict[str, CatalogueEntry], report: Report
    ) -> None:
        self._send_products(invoice, catalogue, report)
        tender = self._tender(invoice.customer, report) if invoice.customer else None
        payload = online_retail.order_payload(invoice, placed_at, tender, self.label)
        if self.fx_rate:
            payload["fx_rate"] = self.fx_rate
        try:
            status, order = self.client.post("/orders", payload)
        except Refused as refusal:
            report.problems.append(f"{invoice.number}: refused, {refusal}")
            self.say(f"{invoice.at:%H:%M}  {invoice.number:<8} refused: {refusal}")
            return
        self._count(invoice, status == 201, order, report)
        words = "created" if status == 201 else "already there"
        who = invoice.customer or "guest"
        self.say(
            f"{invoice.at:%H:%M}  {invoice.number:<8} {who:<6} {len(invoice.lines):>3} lines {invoice.total:>9} {words}"
        )

    def _send_products(self, invoice: Invoice, catalogue: dict[str, CatalogueEntry], report: Report) -> None:
        for row in invoice.lines:
            if row.is_goods and row.code not in self._known_products:
                self._known_products.add(row.code)
                self.client.post("/products", online_retail.product_payload(row.code, catalogue[row.code]))
                report.products += 1

    def _tender(self, customer: str, report: Report) -> Payload | None:
        """The customer's saved card; sends the customer when first met."""
        if customer not in self._tenders:
            payload = online_retail.customer_payload(customer)
            self.client.post("/customers", {**payload, "source": online_retail.SOURCE})
            report.customers += 1
            self._tenders[customer] = (
                self.cards.save(email=payload["email"], name=f"Customer {customer}").as_tender() if self.cards else {}
            )
        return self._tenders[customer] or None

    def _count(self, invoice: Invoice, is_new: bool, order: Payload, report: Report) -> None:
        report.created += is_new
        report.known += not is_new
        report.guests += not invoice.customer
        report.lines += len(invoice.lines)
        report.postage_lines += len(invoice.postage)
        stored = Decimal(order["checkout_total"])
        report.posted += stored
        expected = invoice.file_total - sum((item.amount for item in invoice.left), Decimal(0))
        if stored != expected:
            report.problems.append(f"{invoice.number}: stored with {stored}, the file says {expected}")
        if is_new and self._tenders.get(invoice.customer):
            report.editable[order["id"]] = len(invoice.lines)
