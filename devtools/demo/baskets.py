"""What goes into a basket."""

import random

from devtools.demo.shelf import Shelf
from devtools.demo.spec import DemoProduct, DemoShop, Pick

LINES = ((1, 0.38), (2, 0.31), (3, 0.18), (4, 0.09), (5, 0.04))


class Baskets:
    def __init__(self, shop: DemoShop, shelf: Shelf) -> None:
        self._products = shop.products
        self._weights = [product.weight for product in shop.products]
        self._by_slug = {product.slug: product for product in shop.products}
        self._shelf = shelf

    def _pick(self, product: DemoProduct, rng: random.Random) -> Pick | None:
        quantity = 1
        while quantity < product.most and rng.random() < 0.3:
            quantity += 1
        variants = list(product.variants)
        rng.shuffle(variants)
        # The first variant of a product sells best.
        variants.sort(key=lambda v: 0 if v is product.variants[0] and rng.random() < 0.25 else 1)
        for variant in variants:
            if self._shelf.can_take(variant, quantity):
                return Pick(product, variant, quantity)
        return None

    def complements(self, picks: list[Pick]) -> list[DemoProduct]:
        """What goes with the basket and is not in it yet."""
        taken = {pick.product.slug for pick in picks}
        slugs = dict.fromkeys(slug for pick in picks for slug in pick.product.goes_with if slug not in taken)
        return [self._by_slug[slug] for slug in slugs]

    def _next_product(self, picks: list[Pick], used_up: list[DemoProduct], rng: random.Random) -> DemoProduct:
        if not picks and used_up and rng.random() < 0.55:
            return rng.choice(used_up)
        fitting = self.complements(picks)
        if fitting and rng.random() < 0.6:
            return rng.choice(fitting)
        return rng.choices(self._products, self._weights)[0]

    def basket(self, used_up: list[DemoProduct], rng: random.Random) -> list[Pick]:
        """`used_up`: consumables that this shopper bought before and needs again."""
        wanted = rng.choices([n for n, _ in LINES], [w for _, w in LINES])[0]
        picks: list[Pick] = []
        for _ in range(20):
            if len(picks) == wanted:
                break
            product = self._next_product(picks, used_up, rng)
            pick = self._pick(product, rng)
            if pick is not None and product.slug not in {p.product.slug for p in picks}:
                picks.append(pick)
        return picks

    def addition(self, picks: list[Pick], target: int, rng: random.Random) -> tuple[Pick, ...]:
        """One fitting thing whose price is as near as possible to `target` minor units."""
        options = [
            Pick(product, variant, 1)
            for product in (self.complements(picks) or list(self._products))
            for variant in product.variants
            if self._shelf.can_take(variant, 3)
        ]
        if not options:
            return ()
        rng.shuffle(options)
        return (min(options, key=lambda pick: abs(pick.variant.price - target)),)
