"""Makers of rows and inputs. Orders are made by the service that makes them in life."""

from tests.factories.catalogue import ProductFactory, VariantFactory
from tests.factories.merchants import MerchantFactory, UserFactory
from tests.factories.orders import (
    AddressInputFactory,
    CustomerInputFactory,
    LineInputFactory,
    OrderInputFactory,
    TenderInputFactory,
    paid_order,
)

__all__ = [
    "AddressInputFactory",
    "CustomerInputFactory",
    "LineInputFactory",
    "MerchantFactory",
    "OrderInputFactory",
    "ProductFactory",
    "TenderInputFactory",
    "UserFactory",
    "VariantFactory",
    "paid_order",
]
