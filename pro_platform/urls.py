"""Addresses of the platform itself. A merchant's addresses: urls_merchant.py."""

from django.urls import include, path
from django.views.generic import TemplateView

from core import health
from pro_platform.platform.metrics import metrics
from pro_platform.platform.site import platform_site

urlpatterns = [
    path("", TemplateView.as_view(template_name="portal/platform.html"), name="platform-index"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("api/", include("pro_platform.api")),
    path("accounts/", include("merchants.sign_in_urls")),
    path("platform/", platform_site.urls),
]

handler400 = "core.api.problems.bad_request"
handler403 = "core.api.problems.forbidden"
handler404 = "core.api.problems.not_found"
handler500 = "core.api.problems.server_error"
