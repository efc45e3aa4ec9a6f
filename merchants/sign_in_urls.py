"""The pages of allauth that staff use; its sign-up, e-mail and code pages are not served."""

from allauth.account import views
from allauth.account.urls import urlpatterns as account_urls
from django.urls import URLPattern, include, path

_SERVED = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_reauthenticate",
    "account_change_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}

urlpatterns = [
    *(url for url in account_urls if isinstance(url, URLPattern) and url.name in _SERVED),
    # Answers that sign-up is closed; mails of allauth link here.
    path("signup/", views.signup, name="account_signup"),
    path("2fa/", include("allauth.mfa.urls")),
]
