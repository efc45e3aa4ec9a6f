"""API keys for demo and replay. Stored keys are hashes, so each run gets a new one in place of the last."""

from merchants.models import ApiKey
from merchants.models.api_key import SCOPES
from merchants.services.api_keys import api_key_issue, api_key_revoke


def demo_key(merchant_id: int, name: str) -> str:
    """A fresh secret under `name`; earlier keys of that name stop working. Call it in the merchant's scope."""
    for key in ApiKey.objects.filter(merchant_id=merchant_id, name=name, revoked_at=None):
        api_key_revoke(key=key, actor_type="system", actor_id="")
    return api_key_issue(merchant_id=merchant_id, name=name, scopes=SCOPES)[1]
