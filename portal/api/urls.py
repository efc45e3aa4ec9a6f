from django.urls import path

from portal.api.views import PortalLinkView

urlpatterns = [path("orders/<uuid:order_id>/portal-links", PortalLinkView.as_view(), name="portal-links")]
