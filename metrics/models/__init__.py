from metrics.models.days import DirtyDay, MetricDay
from metrics.models.facts import OrderFact, PostPurchaseEntry

__all__ = ["DirtyDay", "MetricDay", "OrderFact", "PostPurchaseEntry"]
