from django.urls import path

from orders.api import batches, privacy, views

urlpatterns = [
    path("orders", views.OrderListView.as_view(), name="orders"),
    path("orders/batch", batches.OrderBatchView.as_view(), name="orders-batch"),
    path("orders/<uuid:order_id>", views.OrderDetailView.as_view(), name="order"),
    path("orders/<uuid:order_id>/cancel", views.OrderCancelView.as_view(), name="order-cancel"),
    path("orders/<uuid:order_id>/fulfilment", views.OrderFulfilmentView.as_view(), name="order-fulfilment"),
    path("products", views.ProductListView.as_view(), name="products"),
    path("products/batch", batches.ProductBatchView.as_view(), name="products-batch"),
    path("products/<uuid:product_id>", views.ProductDetailView.as_view(), name="product"),
    path("customers", views.CustomerListView.as_view(), name="customers"),
    path("customers/batch", batches.CustomerBatchView.as_view(), name="customers-batch"),
    path("customers/<uuid:customer_id>", views.CustomerDetailView.as_view(), name="customer"),
    path("customers/<uuid:customer_id>/export", privacy.CustomerExportView.as_view(), name="customer-data"),
    path("customers/<uuid:customer_id>/erase", privacy.CustomerEraseView.as_view(), name="customer-erase"),
]
