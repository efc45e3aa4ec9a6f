from django.urls import path

from portal.views.find import find
from portal.views.links import open_link
from portal.views.order import order
from portal.views.theme import theme

app_name = "portal"

urlpatterns = [
    path("theme-<slug:fingerprint>.css", theme, name="theme"),
    path("find/", find, name="find"),
    path("l/<str:token>/", open_link, name="open-link"),
    path("o/<uuid:order_id>/", order, name="order"),
]
