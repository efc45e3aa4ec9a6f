"""The page on which a shopper adds items, and sees what that costs and why before anything is charged."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from editing.rules import MOST_UNITS
from portal import facts
from portal.pages.order import LineRow, TotalRow, WindowBox, card_words, order_page
from portal.pages.shop import Notice
from portal.pages.words import Words


@dataclass(frozen=True, slots=True)
class AddedRow:
    variant_id: uuid.UUID
    title: str
    detail: str
    picture_url: str
    quantity: int
    amount: str
    fewer: int
    more: int | None  # None: no more to be had


@dataclass(frozen=True, slots=True)
class KindRow:
    variant_id: uuid.UUID
    name: str
    price: str
    add_as: int | None  # the quantity that "Add" asks for; None: cannot be added
    label: str


@dataclass(frozen=True, slots=True)
class ProductRow:
    title: str
    picture_url: str
    kinds: tuple[KindRow, ...]

    @property
    def is_single(self) -> bool:
        return len(self.kinds) == 1 and not self.kinds[0].name


@dataclass(frozen=True, slots=True)
class DiffRow:
    sign: str  # an icon name
    name: str
    amount: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class QuoteBox:
    quote_id: uuid.UUID
    rows: tuple[DiffRow, ...]
    totals: tuple[TotalRow, ...]
    due: str
    due_minor: int
    until: str
    card: str


@dataclass(frozen=True, slots=True)
class EditPage:
    order_id: uuid.UUID
    number: str
    window: WindowBox | None
    lines: tuple[LineRow, ...]
    added: tuple[AddedRow, ...]
    query: str
    results: tuple[ProductRow, ...]
    results_title: str
    results_note: str
    quote: QuoteBox | None
    notice: Notice | None
    spoken: str


@dataclass(frozen=True, slots=True)
class Search:
    query: str
    items: Sequence[facts.Item]
    total: int


def edit_page(
    order: facts.Order,
    words: Words,
    *,
    quote: facts.Quote | None,
    search: Search,
    notice: Notice | None = None,
) -> EditPage:
    frame = order_page(order, words)
    chosen = {addition.variant_id: addition.quantity for addition in quote.additions} if quote else {}
    left = {item.variant_id: item.left for item in search.items}
    box = quote_box(order, quote, words) if quote and quote.additions else None
    return EditPage(
        order_id=order.id,
        number=order.number,
        window=frame.window,
        lines=frame.lines,
        added=tuple(_added(a, left.get(a.variant_id), words) for a in (quote.additions if quote else ())),
        query=search.query,
        results=_results(search.items, chosen, words),
        results_title=_("Found for “%(query)s”") % {"query": search.query} if search.query else _("From our shop"),
        results_note=_results_note(search),
        quote=box,
        notice=notice,
        spoken=_("%(amount)s to pay now") % {"amount": box.due} if box else _("Nothing is added"),
    )


def quote_box(order: facts.Order, quote: facts.Quote, words: Words) -> QuoteBox:
    return QuoteBox(
        quote_id=quote.id,
        rows=diff_rows(order, quote, words),
        totals=(
            TotalRow(_("Paid so far"), words.money(quote.paid_minor)),
            TotalRow(_("New order total"), words.money(quote.new_total_minor)),
            TotalRow(_("To pay now"), words.money(quote.due_minor), is_sum=True),
        ),
        due=words.money(quote.due_minor),
        due_minor=quote.due_minor,
        until=words.until(quote.expires_at),
        card=card_words(order.card),
    )


def diff_rows(order: facts.Order, quote: facts.Quote, words: Words) -> tuple[DiffRow, ...]:
    rows = [_addition_row(addition, words) for addition in quote.additions]
    if quote.tax_minor and not order.is_tax_inclusive:
        rows.append(DiffRow("tax", _("Tax"), words.signed(quote.tax_minor), _("On the items you add")))
    elif quote.tax_minor:
        included = {"tax": words.money(quote.tax_minor)}
        rows.append(DiffRow("tax", _("Tax"), words.money(0), _("Already in these prices: %(tax)s") % included))
    stays = _("Stays %(amount)s, it goes in the same parcel") % {"amount": words.money(order.shipping_minor)}
    if not order.shipping_minor:
        stays = _("Stays free, it goes in the same parcel")
    rows.append(DiffRow("truck", _("Shipping"), words.money(0), stays))
    return tuple(rows)


def item_name(quantity: int, title: str) -> str:
    return _("%(count)d %(title)s") % {"count": quantity, "title": title}


def _addition_row(addition: facts.Addition, words: Words) -> DiffRow:
    why = _("Today’s price") if addition.quantity == 1 else _("%(count)d at today’s price of %(price)s")
    text = why % {"count": addition.quantity, "price": words.money(addition.unit_price_minor)}
    if addition.variant_title:
        text = f"{addition.variant_title} · {text}"
    amount = words.signed(addition.unit_price_minor * addition.quantity)
    return DiffRow("plus", item_name(addition.quantity, addition.title), amount, text)


def _added(addition: facts.Addition, left: int | None, words: Words) -> AddedRow:
    limit = _limit(left)
    return AddedRow(
        variant_id=addition.variant_id,
        title=addition.title,
        detail=addition.variant_title,
        picture_url=addition.picture_url,
        quantity=addition.quantity,
        amount=words.money(addition.unit_price_minor * addition.quantity),
        fewer=addition.quantity - 1,
        more=addition.quantity + 1 if addition.quantity < limit else None,
    )


def _results(items: Sequence[facts.Item], chosen: dict[uuid.UUID, int], words: Words) -> tuple[ProductRow, ...]:
    rows = []
    for _product, group in groupby(items, key=lambda item: item.product_id):
        kinds = list(group)
        row = tuple(_kind(item, chosen.get(item.variant_id, 0), words) for item in kinds)
        rows.append(ProductRow(kinds[0].title, kinds[0].picture_url, row))
    return tuple(rows)


def _kind(item: facts.Item, chosen: int, words: Words) -> KindRow:
    limit = _limit(item.left)
    if limit <= 0:
        label = _("Sold out")
    elif chosen >= limit:
        label = _("All we have is added")
    else:
        label = _("Add one more") if chosen else _("Add")
    return KindRow(
        variant_id=item.variant_id,
        name=item.variant_title,
        price=words.money(item.price_minor),
        add_as=chosen + 1 if chosen < limit else None,
        label=label,
    )


def _limit(left: int | None) -> int:
    return MOST_UNITS if left is None else min(left, MOST_UNITS)


def _results_note(search: Search) -> str:
    if not search.items:
        return ""
    hidden = search.total - len(search.items)
    if hidden <= 0:
        return ""
    return ngettext("%(count)d more. Search to see it.", "%(count)d more. Search to see them.", hidden) % {
        "count": hidden
    }
