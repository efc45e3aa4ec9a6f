from orders.models.catalogue import Product, ProductComplement, Variant
from orders.models.customer import Address, Customer
from orders.models.order import Order, OrderLine, OrderTender
from orders.models.refund import OrderRefund
from orders.models.revision import OrderRevision
from orders.models.stock import StockReservation
from orders.models.window import EditWindow, WindowAdmission

__all__ = [
    "Address",
    "Customer",
    "EditWindow",
    "Order",
    "OrderLine",
    "OrderRefund",
    "OrderRevision",
    "OrderTender",
    "Product",
    "ProductComplement",
    "StockReservation",
    "Variant",
    "WindowAdmission",
]
