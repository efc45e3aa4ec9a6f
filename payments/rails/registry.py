"""Which rails there are. Rooms above register theirs in `ready()`."""

from collections.abc import Callable

from payments.rails.base import Rail

RailFactory = Callable[[int], Rail]
_factories: dict[str, RailFactory] = {}


def register(name: str, factory: RailFactory) -> None:
    """`factory(merchant_id)` is called for each use, within the merchant's scope."""
    if _factories.setdefault(name, factory) is not factory:
        raise ValueError(f"Two rails are named {name}.")


def rail_for(name: str, merchant_id: int) -> Rail:
    return _factories[name](merchant_id)
