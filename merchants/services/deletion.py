"""The worker's side of deleting a merchant: small steps, each a transaction, until nothing of it is left.

What is left is counted by the tables themselves, so a killed worker's deletion goes on where it stood. Each step runs
in the merchant's own scope, hence behind both tenancy walls: rows of others are out of its reach. Who writes for this
merchant meanwhile makes the end wait: the merchant's own row goes last, and only when nothing points to it.
"""

import time
from graphlib import TopologicalSorter

import structlog
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model
from django.db.models.deletion import ProtectedError

from core import clock
from core.models import OutboxEvent, TenantModel
from core.outbox import tell_worker
from core.tenancy import platform_scope, tenant_scope
from merchants.models import Membership, Merchant, MerchantDeletion, User

log = structlog.get_logger(__name__)

DELETE_TASK = "merchants.delete_due"
STEP_ROWS = 2000
# Well below the time limit of a task; the rest is another task's.
RUN_SECONDS = 45.0


def deletion_order() -> list[type[Model]]:
    """Every tenant model, those that point before those that are pointed to, read from the foreign keys.

    Events first, so that no handler works on half a merchant; people last, so that staff see a page until the end.
    """
    models = [model for model in apps.get_models() if issubclass(model, TenantModel)]
    sorter: TopologicalSorter[type[Model]] = TopologicalSorter(dict.fromkeys(models, ()))
    for model in models:
        for field in model._meta.concrete_fields:
            target = field.related_model
            if isinstance(target, type) and issubclass(target, TenantModel):
                sorter.add(target, model)
    between = [model for model in sorter.static_order() if model not in (OutboxEvent, Membership)]
    return [OutboxEvent, *between, Membership]


def merchants_delete_due() -> int:
    """Delete what is due, for a while; returns how many steps were made."""
    deadline = time.monotonic() + RUN_SECONDS
    steps = 0
    due = Merchant.objects.filter(delete_after__lte=clock.now()).order_by("delete_after")
    for merchant_id in list(due.values_list("pk", flat=True)[:100]):
        deletion_begin(merchant_id)
        while deletion_step(merchant_id):
            steps += 1
            if time.monotonic() > deadline:
                tell_worker(DELETE_TASK)
                return steps
    return steps


def deletion_begin(merchant_id: int) -> None:
    """From here on it cannot be taken back."""
    with transaction.atomic():
        due = Merchant.objects.select_for_update(no_key=True).filter(pk=merchant_id, delete_after__lte=clock.now())
        merchant = due.first()
        if merchant is None:  # kept in this moment
            return
        MerchantDeletion.objects.get_or_create(
            merchant_number=merchant.pk,
            defaults={
                "slug": merchant.slug,
                "name": merchant.name,
                "requested_by": merchant.deletion_requested_by,
                "requested_at": merchant.deletion_requested_at or clock.now(),
                "started_at": clock.now(),
            },
        )


def deletion_step(merchant_id: int, limit: int = STEP_ROWS) -> bool:
    """Delete up to `limit` rows and count them; False when there is nothing to do, or another worker is at it."""
    with tenant_scope(merchant_id), transaction.atomic():
        open_deletions = MerchantDeletion.objects.select_for_update(skip_locked=True)
        deletion = open_deletions.filter(merchant_number=merchant_id, finished_at=None).first()
        if deletion is None:
            return False
        with connection.cursor() as cursor:  # lets history go: see core.db.operations.AppendOnly
            cursor.execute("SELECT set_config('app.purge', %s, true)", [str(merchant_id)])
        left = limit
        for model in deletion_order():
            left -= _delete_some(model, merchant_id, left, deletion)
            if left <= 0:
                break
        is_done = left == limit and _end(merchant_id, deletion)
        deletion.save(update_fields=["rows", "finished_at"])
    return not is_done


def _delete_some(model: type[Model], merchant_id: int, limit: int, deletion: MerchantDeletion) -> int:
    if model is Membership:
        return _delete_people(merchant_id, limit, deletion)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            # By place alone, or the planner may look for the places among all rows of the merchant, each time anew.
            f"DELETE FROM {table} WHERE ctid = ANY(ARRAY("  # noqa: S608 - a quoted name of ours
            f"SELECT ctid FROM {table} WHERE merchant_id = %s LIMIT %s))",
            [merchant_id, limit],
        )
        return _count(deletion, model, cursor.rowcount)


def _delete_people(merchant_id: int, limit: int, deletion: MerchantDeletion) -> int:
    """Memberships, and the accounts of those who worked nowhere else. Operators keep theirs."""
    members = Membership.objects.filter(merchant_id=merchant_id).order_by("pk")[:limit]
    people = dict(members.values_list("pk", "user_id"))
    if not people:
        return 0
    # Locked, so that no other shop adds one of them between the look and the deletion.
    users = User.objects.filter(pk__in=people.values(), is_operator=False).select_for_update()
    leaving = {user.pk for user in users}
    Membership.objects.filter(pk__in=people).delete()
    with platform_scope("who works elsewhere"):
        leaving -= set(Membership.objects.filter(user_id__in=leaving).values_list("user_id", flat=True))
        User.objects.filter(pk__in=leaving).delete()
    _count(deletion, User, len(leaving))
    return _count(deletion, Membership, len(people))


def _count(deletion: MerchantDeletion, model: type[Model], rows: int) -> int:
    if rows:
        label = model._meta.label
        deletion.rows[label] = deletion.rows.get(label, 0) + rows
    return rows


def _end(merchant_id: int, deletion: MerchantDeletion) -> bool:
    try:
        with transaction.atomic():
            Merchant.objects.filter(pk=merchant_id).delete()
    except ProtectedError:  # somebody wrote meanwhile: the next step finds it
        return False
    deletion.finished_at = clock.now()
    log.info("merchant_deleted", number=merchant_id, rows=sum(deletion.rows.values()))
    return True
