"""An export as an answer to a request."""

from collections.abc import Mapping

from django.http import StreamingHttpResponse

from connectors.exports.stream import Export, export_start
from core import clock
from orders.services.revisions import Actor

CONTENT_TYPE = "text/csv; charset=utf-8"


def download(export: Export, *, actor: Actor, asked: Mapping[str, str], bom: bool) -> StreamingHttpResponse:
    """Sent while it is read. A fault breaks the transfer off, which no browser or client takes for the end."""
    pieces = export_start(export, actor=actor, asked=asked, bom=bom)
    name = f"{export.kind}-{clock.now():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(pieces, content_type=CONTENT_TYPE, headers=headers)
