"""What a file says of the whole order, shared among its lines: discount, tax, refund. Nothing is lost by it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from connectors.imports.lines import Line
from core.money import amount_text, split


class DoesNotAddUp(Exception):
    """The order's figures contradict each other. The message names both."""


@dataclass(slots=True)
class Figures:
    """What the order's own columns say, in minor units; None: they do not say. Lines may have their own besides."""

    currency: str
    lines: list[Line] = field(default_factory=list)
    shipping: int = 0
    shipping_tax: int = 0
    shipping_refunded: int = 0
    fee: int = 0
    fee_tax: int = 0
    discount: int | None = None
    tax: int | None = None
    refunded: int | None = None
    subtotal: int | None = None
    stated_total: int | None = None
    is_inclusive: bool = False
    infers_tax: bool = False
    is_rounded: bool = False
    """Whether one of them had parts of a minor unit."""
    postage: str = ""
    """What the line was called that became the shipping."""

    def line_total(self, line: Line) -> int:
        return line.net if self.is_inclusive else line.net + line.tax

    @property
    def total(self) -> int:
        parts = sum(map(self.line_total, self.lines)) + self.shipping
        return parts if self.is_inclusive else parts + self.shipping_tax

    def text(self, minor: int) -> str:
        return f"{amount_text(minor, self.currency)} {self.currency}"


def settle(figures: Figures) -> None:
    """Raises DoesNotAddUp."""
    _share_discount(figures)
    if figures.infers_tax:
        figures.is_inclusive = _tax_is_inclusive(figures)
    _share_tax(figures)
    _share_refund(figures)


def _share(lines: Sequence[Line], amount: int, capacities: Sequence[int], name: str) -> None:
    for line, part in zip(lines, split(amount, capacities), strict=True):
        setattr(line, name, getattr(line, name) + part)


def _share_discount(figures: Figures) -> None:
    lines = [line for line in figures.lines if not line.is_extra]
    own = sum(line.discount for line in lines)
    if figures.fee < 0:
        figures.discount = (figures.discount or 0) - figures.fee
        figures.fee = 0
    more = figures.discount or 0
    if figures.subtotal is not None:
        gross = sum(line.gross for line in lines)
        of_goods = gross - figures.subtotal
        if not own <= of_goods <= own + more:
            raise DoesNotAddUp(
                f"The lines come to {figures.text(gross)} and the discounts to {figures.text(own + more)}; "
                f"the subtotal says {figures.text(figures.subtotal)}."
            )
        more = of_goods - own
    capacity = sum(line.net for line in lines)
    if more > capacity:
        raise DoesNotAddUp(f"The discount of {figures.text(more)} is more than the lines' {figures.text(capacity)}.")
    if more:
        _share(lines, more, [line.net for line in lines], "discount")


def _tax_is_inclusive(figures: Figures) -> bool:
    """Prices hold their tax if the total is reached without adding it."""
    without = sum(line.net for line in figures.lines) + figures.shipping
    tax = figures.tax or 0
    if tax == 0 or figures.stated_total == without + tax:
        return False
    if figures.stated_total == without:
        return True
    raise DoesNotAddUp(
        f"Lines and shipping come to {figures.text(without)}, with the tax to {figures.text(without + tax)}; "
        f"the total says {figures.text(figures.stated_total or 0)}."
    )


def _share_tax(figures: Figures) -> None:
    if not figures.tax:
        return
    lines, tax = figures.lines, figures.tax
    capacities = [line.net if line.is_taxable else 0 for line in lines]
    if not any(capacities):
        capacities = [line.net for line in lines]
    of_lines = min(tax, sum(capacities)) if figures.is_inclusive else tax if any(capacities) else 0
    if of_lines:
        _share(lines, of_lines, capacities, "tax")
    figures.shipping_tax += tax - of_lines
    if figures.is_inclusive and figures.shipping_tax > figures.shipping:
        raise DoesNotAddUp(f"The tax of {figures.text(tax)} is more than the prices that it is in.")


def _share_refund(figures: Figures) -> None:
    """First over the lines that came back, then over all lines, the rest on the shipping."""
    if figures.refunded is None:
        return
    lines = figures.lines
    more = figures.refunded - sum(line.refunded for line in lines) - figures.shipping_refunded
    capacities = [figures.line_total(line) - line.refunded for line in lines]
    if more < 0 or min(capacities, default=0) < 0 or figures.refunded > figures.total:
        raise DoesNotAddUp(
            f"{figures.text(figures.refunded)} is refunded; the lines' refunds and the total of "
            f"{figures.text(figures.total)} do not allow it."
        )
    returned = [capacity if line.refunded_quantity else 0 for line, capacity in zip(lines, capacities, strict=True)]
    of_returned = min(more, sum(returned))
    if of_returned:
        _share(lines, of_returned, returned, "refunded")
        capacities = [figures.line_total(line) - line.refunded for line in lines]
    of_lines = min(more - of_returned, sum(capacities))
    if of_lines:
        _share(lines, of_lines, capacities, "refunded")
    figures.shipping_refunded += more - of_returned - of_lines
    for line in lines:
        if line.refunded and line.refunded == figures.line_total(line):
            line.refunded_quantity = line.quantity
