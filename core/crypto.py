"""Fields that stand encrypted in the database, and hashes by which what is encrypted or gone can be found again."""

import hashlib
import hmac
from functools import lru_cache
from typing import Any, NamedTuple

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute


class UnreadableSecret(Exception):
    """The stored text was encrypted under a key that is not among FIELD_ENCRYPTION_KEYS."""


class Secret(str):
    """A string that keeps its value out of repr, hence out of logs, tracebacks and debug pages."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<secret>"


class KeyedHash(NamedTuple):
    """A hash that nobody without the pepper can guess at, and which pepper it was made under."""

    hash: str
    key_version: str


class PepperedHash(NamedTuple):
    """Declared as `peppered` by a model that also keeps what it hashes: such rows follow a new pepper."""

    purpose: str
    hash: str
    plain: str
    version: str = "key_version"


def keyed_hash(purpose: str, text: str) -> KeyedHash:
    """HMAC-SHA256 under the newest of HASH_PEPPERS. Each `purpose` is a key of its own: hashes do not compare."""
    return _keyed_hash(settings.HASH_PEPPERS[0], purpose, text)


def keyed_hashes(purpose: str, text: str) -> list[str]:
    """The hashes under every pepper, newest first: what a row hashed before a rotation is looked for by."""
    return [_keyed_hash(pepper, purpose, text).hash for pepper in settings.HASH_PEPPERS]


def pepper_version(pepper: str) -> str:
    """A name for the pepper that gives nothing of it away and stays when others come and go."""
    return hmac.digest(pepper.encode(), b"version", hashlib.sha256).hex()[:8]


def _keyed_hash(pepper: str, purpose: str, text: str) -> KeyedHash:
    key = hmac.digest(pepper.encode(), b"purpose:" + purpose.encode(), hashlib.sha256)
    return KeyedHash(hmac.digest(key, text.encode(), hashlib.sha256).hex(), pepper_version(pepper))


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def cipher() -> MultiFernet:
    """Encrypts with the first key, decrypts with any."""
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS))


class _SecretAttribute(DeferredAttribute):
    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = Secret(value) if isinstance(value, str) else value


def is_current(token: str) -> bool:
    """Whether the stored text stands under the first key. Raises UnreadableSecret where it stands under none."""
    first, *_ = settings.FIELD_ENCRYPTION_KEYS
    try:
        _cipher((first,)).decrypt(token.encode())
    except InvalidToken:
        try:
            cipher().decrypt(token.encode())
        except InvalidToken:
            raise UnreadableSecret("A stored text stands under none of FIELD_ENCRYPTION_KEYS.") from None
        return False
    return True


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text under MultiFernet. It cannot be searched: each encryption of the same text differs."""

    description = "Encrypted text"
    descriptor_class = _SecretAttribute

    def get_prep_value(self, value: Any) -> Any:
        plain = super().get_prep_value(value)
        return cipher().encrypt(plain.encode()).decode() if plain else plain

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Secret | None:
        if not value:
            return value if value is None else Secret("")
        try:
            return Secret(cipher().decrypt(value.encode()).decode())
        except InvalidToken:
            raise UnreadableSecret(
                f"{self.model._meta.label}.{self.name} was encrypted under a key that is not in FIELD_ENCRYPTION_KEYS."
            ) from None

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise FieldError(f"{self.model._meta.label}.{self.name} is encrypted and cannot be searched.")

    def get_transform(self, name: str) -> Any:
        raise FieldError(f"{self.model._meta.label}.{self.name} is encrypted and cannot be searched.")
