"""Small pieces of markup that lists and pages share."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

NONE = "–"


def tag(words: str, tone: str = "") -> SafeString:
    """A state as a pill. Tones: ok, warn, bad, info, gold (the Golden Window only) or none."""
    return format_html('<span class="tag{}">{}</span>', f" t-{tone}" if tone else "", words)
