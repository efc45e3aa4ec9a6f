"""Rows of one order to one order, or to notes: whole and adding up, or not at all."""

from collections.abc import Sequence
from decimal import Decimal

from connectors.imports.amounts import ZERO, Amounts
from connectors.imports.cells import BadCell, Cells
from connectors.imports.heads import Heads
from connectors.imports.lines import Codes, Line, LineReader
from connectors.imports.plan import Item, Note
from connectors.imports.profile import Profile
from connectors.imports.scratch import Row
from connectors.imports.spreading import DoesNotAddUp, Figures, settle
from connectors.imports.values import NO_AMOUNT, Values, flag, shown
from core.money import MAX_MINOR, exponent, to_decimal
from orders.inputs import OrderInput

Read = tuple[Item | None, list[Note]]
# Thousands of such orders can still be summed.
MAX_WORTH_MINOR = 1000 * MAX_MINOR
# Column → what it is called among the figures. Fees may be discounts in disguise.
_FIGURES = {
    "shipping_price": "shipping",
    "shipping_tax": "shipping_tax",
    "shipping_refunded": "shipping_refunded",
    "fee": "fee",
    "fee_tax": "fee_tax",
    "discount": "discount",
    "tax": "tax",
    "refunded": "refunded",
    "subtotal": "subtotal",
    "total": "stated_total",
}


class _Refused(Exception):
    """No line of the order is imported. `faults` are those of single lines; the rest is refused with them."""

    def __init__(self, code: str, message: str, faults: Sequence[BadCell] = ()) -> None:
        self.code, self.message = code, message
        self.faults = {fault.line: fault for fault in faults}
        super().__init__(message)


def refused_by(faults: Sequence[BadCell]) -> _Refused:
    first = min(fault.line for fault in faults)
    return _Refused("order_refused", f"Line {first:,} of the same order cannot be read: it is not imported.", faults)


class OrderMapper:
    def __init__(self, profile: Profile, cells: Cells, values: Values, amounts: Amounts) -> None:
        self._profile, self._cells, self._values, self._amounts = profile, cells, values, amounts
        self._lines = LineReader(profile, cells, values)
        self._heads = Heads(profile, cells, values)
        self._postage = Codes(profile.postage_codes)
        self._figures = [field for field in _FIGURES if cells.has(field)]
        self._has_source, self._has_number = cells.has("source"), cells.has("number")

    def read(self, key: str, rows: Sequence[Row]) -> Read:
        currency = self._amounts.currency(rows)
        amounts = self._amounts.of(rows)
        self._heads.remarks.clear()
        try:
            return self._order(key, rows, currency, amounts)
        except BadCell as bad:
            refused = refused_by([bad])
        except _Refused as whole:
            refused = whole
        except DoesNotAddUp as wrong:
            refused = _Refused("does_not_add_up", str(wrong))
        return None, [
            Note(row[0], fault.column, fault.code, fault.message, amount, currency, True)
            if (fault := refused.faults.get(row[0]))
            else Note(row[0], "", refused.code, refused.message, amount, currency, True)
            for row, amount in zip(rows, amounts, strict=True)
        ]

    def _order(self, key: str, rows: Sequence[Row], currency: str, amounts: Sequence[Decimal]) -> Read:
        """Raises BadCell, _Refused or DoesNotAddUp."""
        status = self._check(key, rows, currency)
        kept, dropped, remarks = self._set_apart(self._read_lines(rows, currency))
        if not kept:
            raise _Refused("no_lines", "The order has no line that can be imported.", list(dropped.values()))
        figures = self._read_figures(rows, currency)
        self._place(figures, kept)
        settle(figures)
        if sum(line.gross for line in figures.lines) + figures.shipping > MAX_WORTH_MINOR:
            raise _Refused("too_large", "The order is worth more than can be counted.")
        data = self._input(key, rows, figures, status)
        left = [row for row in rows if row[0] in dropped] if dropped else []
        notes = [
            Note(row[0], fault.column, fault.code, fault.message, amount, currency, True)
            for row, amount in zip(left, self._amounts.of_lines(left, rows), strict=True)
            if (fault := dropped[row[0]])
        ]
        stated = sum(amounts, ZERO) - sum((note.amount for note in notes), ZERO)
        notes += self._roundings(figures, kept, stated)
        remarks += self._heads.remarks
        notes += [Note(each.line, each.column, each.code, each.message, ZERO, currency, False) for each in remarks]
        lines = tuple([row[0] for row in rows if row[0] not in dropped])
        return Item(lines, to_decimal(figures.total, currency), currency, data), notes

    def _check(self, key: str, rows: Sequence[Row], currency: str) -> str:
        """What refuses the order before its lines are looked at. Returns what its status means."""
        if faulty := [BadCell(row[0], "", "bad_row", row[2]) for row in rows if row[1] is None]:
            raise refused_by(faulty)
        if key.startswith(self._profile.ignored_prefixes or ("\0",)):
            raise _Refused("not_a_sale", f"{shown(key)} is no sale, says the profile.")
        if not currency:
            raise self._fault(rows, "currency", "bad_currency", "This is not an ISO 4217 currency.")
        for field in ("customer_external_id", "currency"):
            self._heads.agree(rows, field)
        status = self._heads.status(rows)
        if status == "ignored":
            raise _Refused("status_ignored", "Orders with this status are not imported, says the profile.")
        return status

    def _fault(self, rows: Sequence[Row], field: str, code: str, message: str) -> BadCell:
        return BadCell(self._cells.first(rows, field)[0], self._cells.column(field), code, message)

    def _read_lines(self, rows: Sequence[Row], currency: str) -> list[Line]:
        lines: list[Line] = []
        faults: list[BadCell] = []
        for place, row in enumerate(rows, start=1):
            try:
                if self._lines.is_line(row):
                    lines.append(self._lines.read(row, place, currency))
            except BadCell as fault:
                faults.append(fault)
        if faults:
            raise refused_by(faults)
        return lines

    def _set_apart(self, lines: list[Line]) -> tuple[list[Line], dict[int, BadCell], list[BadCell]]:
        """What stays in the order, what is reported instead, and what is remarked upon."""
        kept: list[Line] = []
        dropped: dict[int, BadCell] = {}
        remarks: list[BadCell] = []
        seen: set[tuple[str, ...]] = set()
        for line in lines:
            cells = tuple(line.row[1:])
            fault = self._no_sale(line)
            if not fault and cells in seen:
                twin = BadCell(line.row[0], "", "duplicate", "The order has the very same line before.")
                if self._profile.duplicates == "report":
                    fault = twin
                else:
                    remarks.append(twin)
            seen.add(cells)
            if fault:
                dropped[line.row[0]] = fault
            else:
                kept.append(line)
        if self._profile.zero_price != "keep":
            kept = self._without_free(kept, dropped)
        return kept, dropped, remarks

    def _no_sale(self, line: Line) -> BadCell | None:
        if line.quantity > 0 and line.price >= 0:
            return None
        if line.price < 0:
            return self._line_fault(line, "line_unit_price", "negative_price", "A price below zero is no sale.")
        if line.quantity < 0:
            message = "A quantity below zero outside of a credit note is a correction of stock."
            return self._line_fault(line, "line_quantity", "negative_quantity", message)
        return self._line_fault(line, "line_quantity", "zero_quantity", "The quantity is zero.")

    def _without_free(self, kept: list[Line], dropped: dict[int, BadCell]) -> list[Line]:
        if self._profile.zero_price == "correction":
            if not kept or any(line.price for line in kept) or self._heads.knows_customer([line.row for line in kept]):
                return kept
            code, message = "stock_correction", "Nothing in it has a price and nobody bought it: a correction of stock."
        else:
            code, message = "zero_price", "The line costs nothing."
        for line in kept:
            if not line.price:
                dropped[line.row[0]] = self._line_fault(line, "line_unit_price", code, message)
        return [line for line in kept if line.price]

    def _line_fault(self, line: Line, field: str, code: str, message: str) -> BadCell:
        return BadCell(line.row[0], self._cells.column(field), code, message)

    def _read_figures(self, rows: Sequence[Row], currency: str) -> Figures:
        figures = Figures(currency)
        for field in self._figures:
            row = self._cells.first(rows, field)
            if not self._cells.getter(field)(row):
                continue
            amount = self._cells.read(row, field, self._values.money(currency), NO_AMOUNT)
            if amount.minor < 0 and field != "fee":
                raise self._fault(rows, field, "negative", "This is below zero.")
            figures.is_rounded |= bool(amount.rest)
            setattr(figures, _FIGURES[field], amount.minor)
        said = self._heads.value(rows, "tax_inclusive", flag, None) if self._cells.has("tax_inclusive") else None
        figures.is_inclusive = self._profile.tax_inclusive == "true" if said is None else said
        figures.infers_tax = self._profile.tax_inclusive == "infer" and said is None
        return figures

    def _place(self, figures: Figures, kept: list[Line]) -> None:
        """Postage is the order's shipping, unless there is nothing else. A fee is a line without product."""
        goods = [line for line in kept if line.sku not in self._postage]
        figures.lines = goods or kept
        if goods:
            for line in kept:
                if line.sku in self._postage:
                    figures.shipping += line.net
                    figures.shipping_tax += line.tax
                    figures.shipping_refunded += line.refunded
                    figures.postage = figures.postage or line.title
        if figures.fee > 0:
            fee = Line(kept[0].row, "fee", "", "Fee", 1, to_decimal(figures.fee, figures.currency), figures.fee)
            fee.tax, fee.is_extra = figures.fee_tax, True
            figures.lines = [*figures.lines, fee]

    def _roundings(self, figures: Figures, kept: Sequence[Line], stated: Decimal) -> list[Note]:
        """Notes of what the order misses of the file's figure. Raises DoesNotAddUp if that is more than rounding."""
        currency = figures.currency
        notes: list[Note] = []
        if not self._amounts.has_total:
            column = self._cells.column("line_unit_price")
            message = "The price has parts of the smallest coin; it is rounded."
            notes = [
                Note(line.row[0], column, "rounded", message, line.rest * line.quantity, currency, False)
                for line in kept
                if line.rest
            ]
        computed = to_decimal(figures.total, currency)
        missing = stated - computed - sum((note.amount for note in notes), ZERO)
        if not missing:
            return notes
        is_rounded = figures.is_rounded or any(line.is_rounded or line.rest for line in kept)
        most = Decimal(len(kept) + 2).scaleb(-exponent(currency))
        if not is_rounded or abs(missing) > most:
            says = f"the file says {stated} {currency}"
            raise DoesNotAddUp(f"Lines, shipping and tax come to {figures.text(figures.total)}; {says}.")
        column = self._cells.column("total") if self._amounts.has_total else ""
        message = "Amounts have parts of the smallest coin; they are rounded."
        return [*notes, Note(kept[0].row[0], column, "rounded", message, missing, currency, False)]

    def _input(self, key: str, rows: Sequence[Row], figures: Figures, status: str) -> OrderInput:
        heads, currency = self._heads, figures.currency
        times = heads.times(rows, status)
        if heads.is_fulfilled(rows):
            for line in figures.lines:
                line.fulfilled = line.quantity
        rest = heads.rest(rows)
        if figures.postage and not rest.get("shipping_title"):
            rest["shipping_title"] = figures.postage
        external_id = heads.text(rows, "external_id") or key
        money = self._values.money(currency)
        for field in ("checkout_total", "checkout_net"):
            if self._cells.has(field):
                stated = heads.value(rows, field, money, None)
                rest[f"{field}_minor"] = stated.minor if stated else None
        return OrderInput(
            source=(heads.text(rows, "source") if self._has_source else "") or self._profile.source,
            external_id=external_id,
            number=(heads.text(rows, "number") if self._has_number else "") or external_id,
            currency=currency,
            lines=tuple([self._lines.to_input(line) for line in figures.lines]),
            total_minor=figures.total,
            tax_inclusive=figures.is_inclusive,
            customer=heads.customer(rows),
            shipping_minor=figures.shipping,
            shipping_tax_minor=figures.shipping_tax,
            shipping_refunded_minor=figures.shipping_refunded,
            tenders=heads.tenders(rows, figures.total, currency, is_paid=times["paid_at"] is not None),
            refunds=heads.refunds(rows, currency),
            is_backfill=True,
            **{"version": None, **rest, **times, **heads.addresses(rows)},
        )
