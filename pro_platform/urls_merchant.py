"""Addresses below /m/<slug>/ or at a merchant's own domain."""

from django.conf import settings
from django.urls import include, path

from core import health
from payments.views import stripe_webhook
from pro_platform.admin_site import merchant_site

urlpatterns = [
    path("admin/", merchant_site.urls),
    path("accounts/", include("merchants.sign_in_urls")),
    path("webhooks/stripe", stripe_webhook, name="stripe-webhook"),
    path("healthz", health.healthz),
    *([path("benchmark/", include("devtools.baseline"))] if settings.DEVTOOLS else []),
    path("", include("portal.urls")),
]

handler400 = "portal.views.errors.bad_request"
handler403 = "portal.views.errors.forbidden"
handler404 = "portal.views.errors.not_found"
handler500 = "portal.views.errors.server_error"
