"""Public identifiers (UUIDv7, RFC 9562 §5.7) and secrets (random, stored as hashes)."""

import hashlib
import re
import secrets
import time
import uuid

_LINK_TOKEN = re.compile(r"/l/[\w\-]{43}(?![\w\-])")


def uuid7() -> uuid.UUID:
    """A time-ordered UUID: 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & 0xFFFFFFFFFFFF) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)


def new_token(nbytes: int = 32) -> str:
    """A URL-safe secret of `nbytes` random bytes. Show it once; store `hash_token` of it."""
    return secrets.token_urlsafe(nbytes)


def hash_token(token: str) -> str:
    """The form in which a random token is stored. Plain SHA-256 is enough: the input has at least 128 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def without_link_tokens(text: str) -> str:
    """Whoever holds a signed link may do what its shopper may, so copies of mails are handed out without its token."""
    return _LINK_TOKEN.sub("/l/[token]", text) if "/l/" in text else text
