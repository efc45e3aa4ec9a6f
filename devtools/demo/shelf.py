"""Stock: what is sold leaves the shelf, what runs low is made again, the rest sells out."""

from collections.abc import Iterable

from devtools.demo.spec import DemoProduct, DemoVariant, Pick


class Shelf:
    def __init__(self, products: Iterable[DemoProduct]) -> None:
        self._variants = {variant.external_id: variant for product in products for variant in product.variants}
        self._left = {key: v.opening_stock for key, v in self._variants.items() if v.opening_stock is not None}

    def can_take(self, variant: DemoVariant, quantity: int) -> bool:
        left = self._left.get(variant.external_id)
        return left is None or left >= quantity

    def take(self, picks: Iterable[Pick]) -> None:
        for pick in picks:
            if pick.variant.external_id in self._left:
                self._left[pick.variant.external_id] -= pick.quantity

    def restock(self) -> None:
        """Once a week: whatever is below a quarter of its opening stock is made again."""
        for key, variant in self._variants.items():
            opening = variant.opening_stock
            if opening is not None and variant.is_restocked and self._left[key] < opening / 4:
                self._left[key] += opening

    def counts(self) -> dict[str, int]:
        return dict(self._left)
