from merchants.models.api_key import ApiKey
from merchants.models.audit import AuditEntry
from merchants.models.lifecycle import MerchantDeletion, MerchantExport
from merchants.models.merchant import Merchant, MerchantDomain
from merchants.models.user import Membership, User

__all__ = [
    "ApiKey",
    "AuditEntry",
    "Membership",
    "Merchant",
    "MerchantDeletion",
    "MerchantDomain",
    "MerchantExport",
    "User",
]
