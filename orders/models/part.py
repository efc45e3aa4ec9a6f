"""The base of what an order consists of."""

from django.db import models

from core.models import TenantModel


class OrderPart(TenantModel):
    """Rows that arrive by the ten thousand.

    Their foreign keys have neither a constraint nor an index of one column: `TenantForeignKey` and the indexes that
    lead with the merchant say the same and more, and PostgreSQL keeps each of them row by row.
    """

    merchant = models.ForeignKey(
        "merchants.Merchant",
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        db_constraint=False,
        db_index=False,
    )

    class Meta(TenantModel.Meta):
        abstract = True
