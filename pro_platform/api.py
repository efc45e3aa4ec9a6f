"""/api/: version 1 with every room's part of it, its description, and its docs page."""

from django.urls import include, path

from core.api.docs import docs_page, schema_json

urlpatterns = [
    path("v1/", include("orders.api.urls")),
    path("v1/", include("connectors.api.urls")),
    path("v1/", include("portal.api.urls")),
    path("v1/", include("metrics.api.urls")),
    path("docs/", docs_page, name="api-docs"),
    path("schema/", schema_json, name="api-schema"),
]
