"""Codes of gift cards, however they were printed or typed. Pure."""

import re

SHORTEST, LONGEST = 6, 64
_DRESS = re.compile(r"[\s\-‐-―._·]+")
_PLAIN = re.compile(rf"[0-9A-Z]{{{SHORTEST},{LONGEST}}}")


def normalise_code(code: str) -> str | None:
    """The code without spaces and dashes, in capitals; None where that leaves no code."""
    plain = _DRESS.sub("", code).upper()
    return plain if _PLAIN.fullmatch(plain) else None
