from django.db import migrations

from core.db.operations import AppendOnly, EnableRls, TenantForeignKey


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]

    operations = [
        EnableRls(
            "Customer", "Address", "Product", "Variant", "ProductComplement", "Order", "OrderLine", "OrderTender",
            "OrderRevision", "EditWindow", "WindowAdmission", "StockReservation",
        ),
        TenantForeignKey("Variant", "product"),
        TenantForeignKey("ProductComplement", "product"),
        TenantForeignKey("ProductComplement", "complement"),
        TenantForeignKey("Order", "customer"),
        TenantForeignKey("Order", "shipping_address"),
        TenantForeignKey("Order", "billing_address"),
        TenantForeignKey("OrderLine", "order"),
        TenantForeignKey("OrderLine", "variant"),
        TenantForeignKey("OrderTender", "order"),
        TenantForeignKey("OrderRevision", "order"),
        TenantForeignKey("EditWindow", "order"),
        TenantForeignKey("WindowAdmission", "window"),
        TenantForeignKey("StockReservation", "variant"),
        AppendOnly("OrderRevision"),
    ]
