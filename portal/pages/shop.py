"""The frame of every page: the shop's name, mark, colours and language."""

from dataclasses import dataclass

from babel import Locale
from django.utils.translation import get_language

from core import formats
from portal import brand, facts

RIGHT_TO_LEFT = "right-to-left"


@dataclass(frozen=True, slots=True)
class ShopFrame:
    name: str
    initial: str
    language: str
    direction: str
    address_line: str
    support_email: str
    theme: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A fact in bold, and what follows from it. `tone`: ok, warn, bad or empty for plain information."""

    title: str
    text: str = ""
    tone: str = ""

    @property
    def icon(self) -> str:
        return {"ok": "check", "warn": "swap", "bad": "alert"}.get(self.tone, "info")

    @property
    def role(self) -> str:
        return "alert" if self.tone == "bad" else "status"


def shop_frame(shop: facts.Shop) -> ShopFrame:
    # The page speaks the language of its texts; the shop's locale says which kind of it.
    spoken = get_language() or "en"
    known: Locale = formats.locale_of(shop.locale)
    if known.language != spoken.partition("-")[0]:
        known = formats.locale_of(spoken)
    return ShopFrame(
        name=shop.name,
        initial=shop.name.strip()[:1].upper(),
        language=str(known).replace("_", "-"),
        direction="rtl" if known.character_order == RIGHT_TO_LEFT else "ltr",
        address_line=shop.address_line,
        support_email=shop.support_email,
        theme=brand.fingerprint(brand.stylesheet(shop.brand_colour)),
    )
