from django.urls import path

from portal.views.change import bank, change, retry, returned
from portal.views.edit import commit, edit
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
    path("o/<uuid:order_id>/edit/", edit, name="edit"),
    path("o/<uuid:order_id>/edit/commit/", commit, name="commit"),
    path("o/<uuid:order_id>/edit/<uuid:change_id>/", change, name="change"),
    path("o/<uuid:order_id>/edit/<uuid:change_id>/bank/", bank, name="bank"),
    path("o/<uuid:order_id>/edit/<uuid:change_id>/returned/", returned, name="returned"),
    path("o/<uuid:order_id>/edit/<uuid:change_id>/retry/", retry, name="retry"),
]
