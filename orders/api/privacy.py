"""What is held about a customer: handed out and erased."""

import uuid
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.authentication import caller_of
from core.api.idempotency import idempotent
from core.api.serializers import StrictSerializer
from core.api.views import ApiView
from merchants.services.audit import audit_record
from orders.services.privacy import ErasureReason, customer_erase, customer_export
from orders.services.revisions import Actor


class CustomerExportOut(serializers.Serializer[Any]):
    sections = serializers.DictField(
        child=serializers.JSONField(), help_text="`customer`, `orders`, `messages` …; what is empty is left out."
    )


class ErasureIn(StrictSerializer):
    reason = serializers.ChoiceField(choices=ErasureReason.choices)


class ErasureOut(serializers.Serializer[Any]):
    customer_id = serializers.UUIDField()
    erased_at = serializers.DateTimeField()
    changed = serializers.DictField(child=serializers.IntegerField(), help_text="Rows by section.")


class CustomerExportView(ApiView):
    required_scopes: ClassVar = {"GET": "customers:read"}

    @extend_schema(summary="Export a customer's data", responses=CustomerExportOut, tags=["Customers"])
    def get(self, request: Request, customer_id: uuid.UUID) -> Response:
        """Everything that is held about the customer, as the law lets them ask for. Each call is audited."""
        sections = customer_export(customer_id=customer_id)
        audit_record(
            actor_type="api_key",
            actor_id=caller_of(request).key_id,
            action="customer.data_exported",
            object_type="customer",
            object_id=customer_id,
        )
        return Response({"sections": sections})


class CustomerEraseView(ApiView):
    required_scopes: ClassVar = {"POST": "customers:erase"}

    @extend_schema(summary="Erase a customer", request=ErasureIn, responses=ErasureOut, tags=["Customers"])
    @idempotent
    def post(self, request: Request, customer_id: uuid.UUID) -> Response:
        """Everything about the person goes, in every part of the platform; sums, dates and the country stay.

        It cannot be undone. Refused with 409 while a change or a payment of theirs is under way. Erase them in the
        shop too: their next order would make a new customer. News of an old order brings nothing about them back.
        """
        serializer = ErasureIn(data=request.data)
        serializer.is_valid(raise_exception=True)
        actor = Actor("api_key", str(caller_of(request).key_id))
        erasure = customer_erase(customer_id=customer_id, actor=actor, reason=serializer.validated_data["reason"])
        return Response(ErasureOut(erasure).data)
