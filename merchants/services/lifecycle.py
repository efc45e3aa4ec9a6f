"""Closing a merchant, opening it again, and asking for its deletion. Operators do this on the platform site.

A closed merchant's portal and API answer that it is suspended, and its staff see why instead of data. Edits that are
under way, mails and webhooks go on: money that moved is still told and booked.
"""

from datetime import timedelta

from django.db import transaction

from core import clock
from core.tenancy import tenant_scope
from merchants.errors import DeletionBegan, SlugDiffers
from merchants.models import AuditEntry, Merchant, MerchantDeletion, User
from merchants.services.audit import audit_record

GRACE = timedelta(days=14)


def merchant_suspend(*, merchant_id: int, reason: str, by: User) -> None:
    """Close it until `merchant_unsuspend`. Its staff read the reason. Once more: only the reason changes."""
    with transaction.atomic():
        merchant = _locked(merchant_id)
        before = merchant.suspension_reason
        merchant.is_suspended = True
        merchant.suspended_at = merchant.suspended_at or clock.now()
        merchant.suspension_reason = reason
        merchant.save(update_fields=["is_suspended", "suspended_at", "suspension_reason"])
        _record(merchant, "suspended", by, {"reason": before}, {"reason": reason})


def merchant_unsuspend(*, merchant_id: int, by: User) -> None:
    """Open it again, unless it waits to be deleted: then it stays closed until that is taken back."""
    with transaction.atomic():
        merchant = _locked(merchant_id)
        before = merchant.suspension_reason
        merchant.is_suspended = merchant.delete_after is not None
        merchant.suspended_at, merchant.suspension_reason = None, ""
        merchant.save(update_fields=["is_suspended", "suspended_at", "suspension_reason"])
        _record(merchant, "unsuspended", by, {"reason": before}, {"reason": ""})


def merchant_delete(*, merchant_id: int, typed_slug: str, by: User, grace: timedelta = GRACE) -> Merchant:
    """Close it now and have a worker delete it when the grace period is over. Raises SlugDiffers, DeletionBegan."""
    with transaction.atomic():
        merchant = _locked(merchant_id)
        if typed_slug != merchant.slug:
            raise SlugDiffers(slug=merchant.slug)
        _not_begun(merchant)
        if merchant.is_suspended and merchant.suspended_at is None and merchant.delete_after is None:
            merchant.suspended_at = clock.now()  # closed before we kept when
        merchant.is_suspended = True
        merchant.deletion_requested_at, merchant.deletion_requested_by = clock.now(), by.email
        merchant.delete_after = clock.now() + grace
        merchant.save(
            update_fields=[
                *("is_suspended", "suspended_at"),
                *("deletion_requested_at", "deletion_requested_by", "delete_after"),
            ]
        )
        _record(merchant, "deletion_requested", by, {}, {"delete_after": merchant.delete_after.isoformat()})
    return merchant


def merchant_keep(*, merchant_id: int, by: User) -> Merchant:
    """Take the deletion back. What was suspended before stays so. Raises DeletionBegan."""
    with transaction.atomic():
        merchant = _locked(merchant_id)
        _not_begun(merchant)
        before = merchant.delete_after
        merchant.is_suspended = merchant.suspended_at is not None
        merchant.deletion_requested_at, merchant.deletion_requested_by, merchant.delete_after = None, "", None
        merchant.save(update_fields=["is_suspended", "deletion_requested_at", "deletion_requested_by", "delete_after"])
        _record(merchant, "kept", by, {"delete_after": before.isoformat() if before else ""}, {"delete_after": ""})
    return merchant


def _locked(merchant_id: int) -> Merchant:
    return Merchant.objects.select_for_update(no_key=True).get(pk=merchant_id)


def _not_begun(merchant: Merchant) -> None:
    """The worker locks the merchant too before it begins, so it is one or the other."""
    if MerchantDeletion.objects.filter(merchant_number=merchant.pk).exists():
        raise DeletionBegan


def _record(merchant: Merchant, action: str, by: User, before: dict[str, str], after: dict[str, str]) -> None:
    with tenant_scope(merchant.pk):
        audit_record(
            actor_type=AuditEntry.Actor.USER,
            actor_id=by.pk,
            action=f"merchant.{action}",
            object_type="merchant",
            object_id=merchant.pk,
            before=before,
            after=after,
        )
