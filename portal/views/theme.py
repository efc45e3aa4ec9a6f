from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from merchants.middleware import merchant_of
from portal import brand

A_YEAR = 31_536_000


@require_safe
def theme(request: HttpRequest, fingerprint: str) -> HttpResponse:
    """The merchant's colours. The address names the content, so it may be kept for ever."""
    css = brand.stylesheet(merchant_of(request).brand_colour)
    current = brand.fingerprint(css)
    if fingerprint != current:  # a page from before the colour changed
        return redirect("portal:theme", current)
    return HttpResponse(css, content_type="text/css", headers={"Cache-Control": f"public, max-age={A_YEAR}, immutable"})
