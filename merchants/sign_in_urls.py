"""The pages of allauth that staff need: sign in and out, forgotten password, second factor. No sign-up."""

from django.urls import include, path

urlpatterns = [path("", include("allauth.urls"))]
