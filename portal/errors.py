from core.errors import DomainError, ErrorKind


class TooManyLinkRequests(DomainError):
    code = "too_many_link_requests"
    kind = ErrorKind.RATE_LIMITED
    message = "Too many links were asked for. Wait an hour, then try again."
    retry_after_seconds = 3600


class LinkRequestsUnavailable(DomainError):
    """Without its counter the page would mail without limit."""

    code = "link_requests_unavailable"
    kind = ErrorKind.UNAVAILABLE
    message = "Links cannot be mailed right now. Try again in a moment."
    retry_after_seconds = 30
