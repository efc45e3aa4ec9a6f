from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """A decorative icon from the sprite; the words beside it carry the meaning."""
    return format_html('<svg class="i" aria-hidden="true"><use href="{}#{}"/></svg>', static("portal/icons.svg"), name)
