"""Who may do what at a merchant. A shop always keeps at least one owner."""

from django.db import transaction

from merchants.errors import LastOwner
from merchants.models import Membership


def member_role_change(*, membership: Membership, role: str, check_only: bool = False) -> None:
    """Give a member another role. Raises LastOwner."""
    with transaction.atomic():
        if role != Membership.Role.OWNER:
            _keep_an_owner(membership)
        if not check_only:
            Membership.objects.filter(pk=membership.pk).update(role=role)


def member_remove(*, membership: Membership) -> None:
    """Take somebody off the team; the person's other shops are not touched. Raises LastOwner."""
    with transaction.atomic():
        _keep_an_owner(membership)
        Membership.objects.filter(pk=membership.pk).delete()


def _keep_an_owner(leaving: Membership) -> None:
    owners = Membership.objects.select_for_update().filter(merchant_id=leaving.merchant_id, role=Membership.Role.OWNER)
    if {owner.pk for owner in owners} == {leaving.pk}:
        raise LastOwner
