from core.errors import DomainError, ErrorKind


class SlugTaken(DomainError):
    code = "slug_taken"
    kind = ErrorKind.CONFLICT
    message = "Another merchant uses the address {slug}. Choose another slug."


class UnknownScope(DomainError):
    code = "unknown_scope"
    message = "There is no scope {scope}. Use one of: {allowed}."


class InvalidMerchant(DomainError):
    code = "invalid_merchant"
    message = "The merchant cannot be created: {reason}"


class SlugDiffers(DomainError):
    code = "slug_differs"
    message = "Type {slug} to confirm. Nothing was changed."


class DeletionBegan(DomainError):
    code = "deletion_began"
    kind = ErrorKind.CONFLICT
    message = "The deletion of this merchant has begun and cannot be taken back."


class LastOwner(DomainError):
    code = "last_owner"
    kind = ErrorKind.CONFLICT
    message = "A shop keeps at least one owner. Make somebody else an owner first."
