import uuid
from typing import Any, ClassVar

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.authentication import caller_of
from core.api.views import ApiView
from merchants.services.audit import audit_record
from portal.services.links import portal_link_create


class PortalLinkOut(serializers.Serializer[Any]):
    url = serializers.URLField(help_text="For the shopper alone: whoever has it can add to the order.")
    expires_at = serializers.DateTimeField()


class PortalLinkView(ApiView):
    required_scopes: ClassVar = {"POST": "orders:write"}

    @extend_schema(summary="Make a portal link", request=None, responses={201: PortalLinkOut}, tags=["Orders"])
    def post(self, request: Request, order_id: uuid.UUID) -> Response:
        """A fresh signed link to the order's page. It is shown here once; earlier links go on working."""
        with transaction.atomic():
            made = portal_link_create(order_id=order_id)
            audit_record(
                actor_type="api_key",
                actor_id=caller_of(request).key_id,
                action="portal_link.created",
                object_type="order",
                object_id=order_id,
                after={"link_id": str(made.link.pk)},
            )
        return Response(PortalLinkOut({"url": made.url, "expires_at": made.link.expires_at}).data, status=201)
