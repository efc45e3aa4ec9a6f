"""Recognising one person in texts that were stored as they came. Pure: no database, no clock."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any
from unicodedata import normalize
from urllib.parse import unquote_plus

# A shorter id stands in many texts that have nothing to do with the person.
DISTINCT = 8
_PHONE_DIGITS, _LOCAL_DIGITS = 7, 9
_LINE = 5
_SHORT = 2
_SEPARATORS = r"[\s()./\-]{0,3}"
_NO_SEPARATORS = str.maketrans("", "", " \t\r\n\u00a0\u202f()./-")


def fold(text: str) -> str:
    """In one case and one way of writing accents, with single spaces."""
    return " ".join(_one_way(text).split())


def _one_way(text: str) -> str:
    """An accent may be a letter's own or stand behind it."""
    return normalize("NFC", text).casefold()


class _Words:
    """Texts and phone numbers to look for, not as part of a longer word or address.

    Most texts hold nothing of them, so each is first asked for a plain piece, which is many times as fast.
    """

    def __init__(self, texts: Iterable[str], phones: Iterable[str]) -> None:
        folded = sorted({fold(text) for text in texts} - {""})
        digits = sorted({re.sub(r"\D", "", phone) for phone in phones})
        # Written with the country's code or without, with spaces or dashes.
        self._phones = [number[-_LOCAL_DIGITS:] for number in digits if len(number) >= _PHONE_DIGITS]
        self._pieces = {max(text.split(), key=len) for text in folded}
        parts = [rf"{_SEPARATORS.join(number)}(?!\d)" for number in self._phones]
        for before, after, own in (
            (r"(?<![\w.+\-])", r"(?![\w\-]|\.\w)", [text for text in folded if "@" in text]),
            (r"(?<!\w)", r"(?!\w)", [text for text in folded if "@" not in text]),
        ):
            spaced = (r"\s+".join(re.escape(word) for word in text.split()) for text in own)
            parts += [f"{before}(?:{'|'.join(spaced)}){after}"] if own else []
        self._pattern = re.compile("|".join(parts) or r"(?!)")

    def stand_in(self, text: str) -> bool:
        """`text` is folded in case."""
        might = any(piece in text for piece in self._pieces)
        if not might and self._phones:
            plain = text.translate(_NO_SEPARATORS)
            might = any(number in plain for number in self._phones)
        return might and self._pattern.search(text) is not None


@dataclass(frozen=True)
class Identity:
    """All that one person is known by. `ids` are keys of ours and of providers, which nobody else has.

    What `shared` holds (folded) is also another customer's: an address book entry, a common name. It convicts nobody.
    """

    emails: frozenset[str] = frozenset()
    names: frozenset[tuple[str, str]] = frozenset()
    phones: frozenset[str] = frozenset()
    external_ids: frozenset[str] = frozenset()
    streets: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()

    def __or__(self, other: "Identity") -> "Identity":
        return Identity(
            **{field.name: getattr(self, field.name) | getattr(other, field.name) for field in fields(self)}
        )

    def with_shared(self, shared: frozenset[str]) -> "Identity":
        return replace(self, shared=self.shared | shared)

    def is_told_of(self, text: str) -> bool:
        """Whether the text is about this person and not perhaps about another one."""
        value = _parsed(text)
        readings = _readings(text, value)
        if self._certain.stand_in(readings):
            return True
        return any(self._is_this(node) for node in _objects(value))

    def is_named_in(self, text: str) -> bool:
        """Whether the text holds anything that belongs to this person, if perhaps to others too."""
        return self._possible.stand_in(_readings(text, _parsed(text)))

    @cached_property
    def _certain(self) -> _Words:
        own = [text for text in (*self.emails, *self.streets) if len(text) >= _LINE and fold(text) not in self.shared]
        own += [text for text in self.external_ids if len(text) >= DISTINCT and fold(text) not in self.shared]
        own += [id_ for id_ in self.ids if len(id_) >= DISTINCT]
        for first, last in self.names:
            if first and last and fold(f"{first} {last}") not in self.shared:
                own += [f"{first} {last}", f"{last} {first}", f"{last}, {first}"]
        phones = [phone for phone in self.phones if fold(phone) not in self.shared]
        return _Words(own, phones)

    @cached_property
    def _possible(self) -> _Words:
        texts = [*self.emails, *self.streets, *self.ids, *self.external_ids]
        parts = [part for name in self.names for part in name]
        texts = [*(text for text in texts if len(text) > _SHORT), *(part for part in parts if len(part) > 1)]
        return _Words(texts, self.phones)

    def _is_this(self, node: dict[str, Any]) -> bool:
        """Whether a JSON object is this customer, or refers to them by a name or an id too short to search for."""
        own = {id_ for id_ in self.external_ids if fold(id_) not in self.shared}
        customer = node.get("customer")
        if isinstance(customer, dict):
            customer = customer.get("external_id", customer.get("id"))
        told = {str(value) for value in (customer, node.get("customer_id"), node.get("customer_external_id")) if value}
        if told & own:
            return True
        first, last = (fold(str(node.get(key) or "")) for key in ("first_name", "last_name"))
        return any(
            (first, last) == (fold(known[0]), fold(known[1])) and fold(" ".join(known)) not in self.shared
            for known in self.names
            if all(known)
        )


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _readings(text: str, value: Any) -> str:
    """The text as it stands, without JSON's escapes, and without those of forms."""
    readings = [text]
    if value is not None and "\\" in text:
        readings.append(json.dumps(value, ensure_ascii=False))
    if "%" in text or "+" in text:
        readings.append(unquote_plus(text))
    return "\n".join(map(_one_way, readings))


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in the JSON value, outermost first."""
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
