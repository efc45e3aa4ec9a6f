from django.urls import path

from connectors.api import views

urlpatterns = [
    path("orders/export", views.OrderExportView.as_view(), name="orders-export"),
    path("products/export", views.ProductExportView.as_view(), name="products-export"),
    path("customers/export", views.CustomerExportView.as_view(), name="customers-export"),
]
