from collections.abc import Iterable

from django.db import transaction

from core.clock import now
from core.ids import hash_token, new_token
from merchants.errors import UnknownScope
from merchants.models import ApiKey
from merchants.models.api_key import SCOPES
from merchants.services.audit import audit_record


def api_key_issue(
    *,
    merchant_id: int,
    name: str,
    scopes: Iterable[str],
    kind: str = ApiKey.Kind.SECRET,
    actor_type: str = "system",
    actor_id: object = "",
) -> tuple[ApiKey, str]:
    """A new key and its secret, which cannot be shown again. Raises UnknownScope."""
    scopes = sorted(set(scopes))
    for scope in scopes:
        if scope not in SCOPES:
            raise UnknownScope(scope=scope, allowed=", ".join(SCOPES))
    secret = f"{'sk' if kind == ApiKey.Kind.SECRET else 'pk'}_{new_token()}"
    with transaction.atomic():
        key = ApiKey.objects.create(
            merchant_id=merchant_id,
            name=name,
            kind=kind,
            prefix=secret[:10],
            secret_hash=hash_token(secret),
            scopes=scopes,
        )
        audit_record(
            actor_type=actor_type,
            actor_id=actor_id,
            action="api_key.issued",
            object_type="api_key",
            object_id=key.pk,
            after={"name": name, "scopes": scopes, "kind": kind},
        )
    return key, secret


def api_key_revoke(*, key: ApiKey, actor_type: str, actor_id: object) -> None:
    """Stop a key at once. Revoking twice changes nothing."""
    with transaction.atomic():
        if not ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now()):
            return
        audit_record(
            actor_type=actor_type,
            actor_id=actor_id,
            action="api_key.revoked",
            object_type="api_key",
            object_id=key.pk,
            before={"revoked": False},
            after={"revoked": True},
        )
