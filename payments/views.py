from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.api.problems import from_domain, respond
from core.errors import DomainError
from payments.errors import WebhookMalformed, WebhookTooLarge
from payments.services.inbound import webhook_receive

MAX_BYTES = 1_048_576


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """Stripe's events, signed over the raw body. Stored at once, processed by a worker."""
    try:
        webhook_receive(body=_body(request), signature=request.headers.get("Stripe-Signature", ""))
    except DomainError as error:
        return respond(from_domain(error))
    return HttpResponse(status=200)


def _body(request: HttpRequest) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > MAX_BYTES:
        raise WebhookTooLarge(limit=MAX_BYTES)
    try:
        body = request.body
    except RequestDataTooBig as error:
        raise WebhookTooLarge(limit=MAX_BYTES) from error
    except UnreadablePostError as error:
        raise WebhookMalformed from error
    if len(body) > MAX_BYTES:
        raise WebhookTooLarge(limit=MAX_BYTES)
    return body
