from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.errors import LinkRequestsUnavailable, TooManyLinkRequests
from portal.pages import message
from portal.services.find import portal_link_request
from portal.views.frame import message_page, shop_page, show


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    label: str
    hint: str
    type: str
    autocomplete: str
    value: str
    error: str


@shop_page
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Known and unknown addresses get the same answer; what we found goes by mail."""
    if request.method != "POST":
        return show(request, "find", None, fields=_fields())
    email, number = (request.POST.get(name, "").strip() for name in ("email", "number"))
    fields = _fields(email, number, checked=True)
    errors = [{"field": field.name, "text": field.error} for field in fields if field.error]
    if errors:
        return show(request, "find", None, status=422, fields=fields, errors=errors)
    try:
        portal_link_request(email=email, number=number)
    except (TooManyLinkRequests, LinkRequestsUnavailable) as error:
        page = message.too_many() if isinstance(error, TooManyLinkRequests) else message.server_error()
        response = message_page(request, page, status=error.kind.status)
        response["Retry-After"] = str(error.retry_after_seconds)
        return response
    return message_page(request, message.check_inbox())


def _fields(email: str = "", number: str = "", *, checked: bool = False) -> list[Field]:
    email_error = number_error = ""
    if checked and not _is_email(email):
        email_error = _("Enter an email address with an @, like name@example.com")
    if checked and (not 0 < len(number) <= 64 or "\x00" in number):
        number_error = _("Enter the order number from your confirmation mail")
    return [
        Field(
            "email",
            _("Email address"),
            _("The one you used when you ordered"),
            "email",
            "email",
            email,
            email_error,
        ),
        Field("number", _("Order number"), _("In your confirmation mail"), "text", "off", number, number_error),
    ]


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return "\x00" not in text
