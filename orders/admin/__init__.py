"""Staff pages of orders, customers and the catalogue. Orders change through services only."""

from orders.admin import catalogue, customers, orders, panels, privacy

__all__ = ["catalogue", "customers", "orders", "panels", "privacy"]
