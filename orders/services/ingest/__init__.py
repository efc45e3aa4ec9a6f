"""Orders from shops and files: created or brought up to date as a whole, the newest version wins."""

from orders.services.ingest.upsert import UpsertResult, order_upsert, orders_upsert

__all__ = ["UpsertResult", "order_upsert", "orders_upsert"]
