"""Putting everything that is stored under the newest keys, so that older ones can be dropped.

In pages, each in a transaction of its own, while the shop goes on. What stands under the newest key already is left
alone, so a run that was killed is simply run again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import signing
from django.db import models, transaction
from django.db.models.functions import Cast

from core.crypto import EncryptedTextField, PepperedHash, UnreadableSecret, is_current, keyed_hash, pepper_version
from core.tenancy import platform_scope

PAGE = 200
Tell = Callable[[str], None]


@dataclass
class Outcome:
    """Of one model under one kind of key. `stuck` rows cannot be moved, for the reason in `why`."""

    model: str
    keys: str
    rows: int = 0
    moved: int = 0
    stuck: int = 0
    why: str = ""


def rotate(tell: Tell = lambda _: None) -> Iterator[Outcome]:
    """Moves all rows, then looks at each once more: what was written meanwhile under an older key is `stuck`."""
    with platform_scope("rotate keys"):
        for model, names in _encrypted().items():
            tell(model._meta.label)
            yield _rotate_secrets(model, names)
        for model in _peppered():
            tell(model._meta.label)
            yield _rotate_hashes(model)
        tell("sessions")
        yield _rotate_sessions()


def _encrypted() -> dict[type[models.Model], list[str]]:
    found = {}
    for model in apps.get_models():
        names = [field.name for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]
        if names:
            found[model] = names
    return found


def _peppered() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if any(f.name == "key_version" for f in model._meta.concrete_fields)]


def _pages(rows: "models.QuerySet[Any, Any]") -> Iterator[list[tuple[Any, ...]]]:
    """By key, so that rows which come and go meanwhile move no page. The first value is the key."""
    last: Any = None
    while page := list((rows if last is None else rows.filter(pk__gt=last)).order_by("pk")[:PAGE]):
        yield page
        last = page[-1][0]


def _rotate_secrets(model: type[models.Model], names: list[str]) -> Outcome:
    outcome = Outcome(model._meta.label, "FIELD_ENCRYPTION_KEYS")
    # As it is stored: the field itself would decrypt it.
    stored = {f"stored_{name}": Cast(name, models.TextField()) for name in names}
    rows = model._base_manager.annotate(**stored).values_list("pk", *stored)
    for page in _pages(rows):
        outcome.rows += len(page)
        stale = [pk for pk, *tokens in page if _standing(tokens) == "stale"]
        with transaction.atomic():
            # Locked: a secret that is saved meanwhile must not be overwritten with the older one.
            for row in model._base_manager.select_for_update().filter(pk__in=stale).order_by("pk"):
                row.save(update_fields=names)
                outcome.moved += 1
    for page in _pages(rows):
        outcome.stuck += sum(_standing(tokens) != "current" for _, *tokens in page)
    outcome.why = "under older keys that a process still writes with, or under keys that are not listed"
    return outcome


def _standing(tokens: list[str | None]) -> str:
    """Lost where one of them cannot be read: the row is then left as it is."""
    try:
        current = [is_current(token) for token in tokens if token]
    except UnreadableSecret:
        return "lost"
    return "current" if all(current) else "stale"


def _rotate_hashes(model: type[models.Model]) -> Outcome:
    """Rows that also hold what was hashed follow; others can only be found as long as their pepper is listed."""
    outcome = Outcome(model._meta.label, "HASH_PEPPERS")
    current = pepper_version(settings.HASH_PEPPERS[0])
    how: PepperedHash | None = getattr(model, "peppered", None)
    older = model._base_manager.exclude(key_version=current)
    if how:
        for page in _pages(older.values_list("pk")):
            with transaction.atomic():
                for row in older.select_for_update().filter(pk__in=[pk for (pk,) in page]).order_by("pk"):
                    _hash_anew(row, how)
                    outcome.moved += 1
    outcome.rows, outcome.stuck = model._base_manager.count(), older.count()
    outcome.why = "hashed under older peppers, with nothing left to hash again: keep those peppers listed"
    return outcome


def _hash_anew(row: models.Model, how: PepperedHash) -> None:
    made = keyed_hash(how.purpose, getattr(row, how.plain))
    setattr(row, how.hash, made.hash)
    setattr(row, how.version, made.key_version)
    row.save(update_fields=[how.hash, how.version])


def _rotate_sessions() -> Outcome:
    """Signed anew, so that nobody who is signed in has to do it again when the older key goes."""
    outcome = Outcome("sessions.Session", "SECRET_KEY")
    rows = Session.objects.values_list("pk", "session_data")
    for page in _pages(rows):
        outcome.rows += len(page)
        with transaction.atomic():
            stale = [pk for pk, data in page if not _is_signed_by_first(data)]
            for session in Session.objects.select_for_update().filter(pk__in=stale).order_by("pk"):
                outcome.moved += _sign_anew(session)
    for page in _pages(rows):
        # What no listed key has signed is over already.
        outcome.stuck += sum(not _is_signed_by_first(data) and bool(SessionStore().decode(data)) for _, data in page)
    outcome.why = "signed by a process that still has the older key"
    return outcome


def _is_signed_by_first(data: str) -> bool:
    try:
        signing.TimestampSigner(key=settings.SECRET_KEY, fallback_keys=[], salt=SessionStore().key_salt).unsign(data)
    except signing.BadSignature:
        return False
    return True


def _sign_anew(session: Session) -> int:
    store = SessionStore(session.session_key)
    content = store.decode(session.session_data)
    if not content:
        return 0
    user_id: str | None = content.get(SESSION_KEY)
    user = get_user_model().objects.filter(pk=user_id).first() if user_id else None
    # The session also holds a hash of the password under the key; only one that is right is renewed.
    if user and content.get(HASH_SESSION_KEY) in set(user.get_session_auth_fallback_hash()):
        content[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.session_data = store.encode(content)
    session.save(update_fields=["session_data"])
    return 1
