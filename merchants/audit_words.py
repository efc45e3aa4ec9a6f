"""The audit log in words, for lists, histories and the index page."""

from collections.abc import Sequence

from merchants.models import AuditEntry, User


def with_actors(entries: Sequence[AuditEntry]) -> list[tuple[AuditEntry, str]]:
    """Each entry with the name of who did it; one query for all names."""
    ids = {entry.actor_id for entry in entries if entry.actor_type == AuditEntry.Actor.USER and entry.actor_id}
    names = {str(user.pk): str(user) for user in User.objects.filter(pk__in=ids)} if ids else {}
    return [(entry, names.get(entry.actor_id) or entry.get_actor_type_display()) for entry in entries]


def changes_of(entry: AuditEntry) -> list[tuple[str, str, str]]:
    """(what, before, after) of everything that differs."""
    names = dict.fromkeys([*entry.before, *entry.after])
    return [
        (name.removesuffix("_minor").replace("_", " "), _shown(entry.before.get(name)), _shown(entry.after.get(name)))
        for name in names
        if entry.before.get(name) != entry.after.get(name)
    ]


def action_words(entry: AuditEntry) -> str:
    """api_key.issued: "API key issued"."""
    text = entry.action.replace(".", " ").replace("_", " ").strip()
    return (text[:1].upper() + text[1:]).replace("Api key", "API key")


def _shown(value: object) -> str:
    if value in (None, "", [], {}):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
