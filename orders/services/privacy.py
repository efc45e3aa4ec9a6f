"""What is held about one customer: handing it out, and making it go."""

import io
import json
import uuid
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.template.loader import render_to_string

from core import clock, outbox
from core.errors import NotFound
from core.privacy.registry import Subject, keepers, keepers_downward
from core.tenancy import require_merchant_id
from merchants.models import Merchant
from merchants.services.audit import audit_record
from orders.errors import CustomerErased
from orders.models import Customer, Order
from orders.privacy import identity_of, order_ids_of
from orders.services.revisions import Actor

ERASED = "customer.erased"


class ErasureReason(models.TextChoices):
    """Words of ours, not free text: the audit log keeps them, and it holds nothing about persons."""

    REQUESTED = "requested", "The person asked for it"
    NOT_NEEDED = "not_needed", "The data is no longer needed"
    MISTAKE = "mistake", "It should not have been here"


@dataclass(frozen=True, slots=True)
class Erasure:
    """`changed` says by section how many rows were."""

    customer_id: uuid.UUID
    erased_at: Any
    changed: Mapping[str, int]


def customer_export(*, customer_id: uuid.UUID) -> dict[str, Any]:
    """Everything that is held about the customer, by section, as JSON takes it. Raises NotFound."""
    subject = _subject(_customer(customer_id))
    sections = {keeper.section: keeper.export(subject) for keeper in keepers()}
    found = {section: data for section, data in sections.items() if data not in (None, [], {})}
    plain: dict[str, Any] = json.loads(json.dumps(found, cls=DjangoJSONEncoder))
    return plain


def customer_export_zip(*, customer_id: uuid.UUID) -> bytes:
    """The same as one JSON file for each section, with a page that says what they are."""
    sections = customer_export(customer_id=customer_id)
    titles = {keeper.section: keeper.title for keeper in keepers()}
    context = {
        "merchant": Merchant.objects.get(pk=require_merchant_id()).name,
        "at": clock.now(),
        "files": [(f"{section}.json", titles[section]) for section in sections],
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", render_to_string("orders/export_readme.txt", context))
        for section, data in sections.items():
            archive.writestr(f"{section}.json", json.dumps(data, indent=2, ensure_ascii=False) + "\n")
    return buffer.getvalue()


def customer_erase(*, customer_id: uuid.UUID, actor: Actor, reason: str) -> Erasure:
    """Make everything about the person go, in all rooms, in one transaction. Numbers stay as they are.

    Raises NotFound, CustomerErased, and CustomerBusy while an edit or a payment of theirs is under way.
    """
    reason = ErasureReason(reason)
    with transaction.atomic():
        customer = _lock(customer_id)
        if customer.erased_at is not None:
            raise CustomerErased
        subject = _subject(customer)
        for keeper in keepers_downward():
            keeper.guard(subject)
        changed = {keeper.section: keeper.erase(subject) for keeper in keepers_downward()}
        changed = {section: count for section, count in changed.items() if count}
        erased_at = clock.now()
        Customer.objects.filter(pk=customer_id).update(erased_at=erased_at)
        audit_record(
            actor_type=actor.type,
            actor_id=actor.id,
            action=ERASED,
            object_type="customer",
            object_id=customer_id,
            after={"reason": reason.label, **changed},
        )
        outbox.publish(
            ERASED, aggregate_type="customer", aggregate_id=customer_id, payload={"customer_id": str(customer_id)}
        )
    return Erasure(customer_id, erased_at, changed)


def _customer(customer_id: uuid.UUID) -> Customer:
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is None:
        raise NotFound
    return customer


def _lock(customer_id: uuid.UUID) -> Customer:
    """Orders, then their customer, as ingest locks them: what arrives meanwhile waits, and finds nobody to add to."""
    theirs = Order.objects.filter(pk__in=order_ids_of(_customer(customer_id))).order_by("source", "external_id")
    list(theirs.select_for_update(of=("self",)).values_list("pk", flat=True))
    return Customer.objects.select_for_update().get(pk=customer_id)


def _subject(customer: Customer) -> Subject:
    order_ids = order_ids_of(customer)
    identity = identity_of(customer, order_ids)
    for keeper in keepers():
        identity |= keeper.known(Subject(customer.pk, order_ids, identity))
    return Subject(customer.pk, order_ids, identity)
