"""Things that go wrong on demand. Kept in the store, so they outlive a restart."""

import json
import time
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Literal, get_args

from devtools.stripe.errors import InvalidError, Json
from devtools.stripe.store import Store

RequestFault = Literal["timeout_after_apply", "error_before_apply", "error_after_apply", "slow"]
WebhookFault = Literal["duplicate_webhook", "reorder_webhook", "drop_webhook"]
REFUND_FAULT = "refund_fails"
KINDS = (*get_args(RequestFault), *get_args(WebhookFault), REFUND_FAULT)


@dataclass(frozen=True)
class Fault:
    """Strikes `count` times after letting `skip` matches pass.

    `path` is a prefix, or a pattern when it holds a `*`: `/v1/payment_intents/*/capture`.
    `event` is the prefix of an event type and matters to webhook faults only.
    """

    kind: str
    method: str = ""
    path: str = ""
    event: str = ""
    count: int = 1
    skip: int = 0
    delay_ms: int = 100
    status: int = 500
    stored: bool = True
    failure_reason: str = "unknown"
    id: int = field(default=0)

    @property
    def is_on_the_way(self) -> bool:
        """Strikes the connection or the server in front, so it leaves no stored answer."""
        return self.kind in ("slow", "timeout_after_apply") or (self.kind == "error_before_apply" and not self.stored)

    def matches_request(self, method: str, path: str) -> bool:
        if self.method and self.method != method:
            return False
        return fnmatchcase(path, self.path) if "*" in self.path else path.startswith(self.path)


def parse(body: Json) -> Fault:
    names = {name: type(default) for name, default in asdict(Fault("")).items() if name != "id"}
    unknown = sorted(set(body) - set(names))
    if unknown:
        raise InvalidError(f"Unknown fault field: {', '.join(unknown)}", param=unknown[0])
    if body.get("kind") not in KINDS:
        raise InvalidError(f"Unknown fault kind: {body.get('kind')}. Known: {', '.join(KINDS)}", param="kind")
    for name, value in body.items():
        if type(value) is not names[name] or (names[name] is int and int(value) < 0):
            raise InvalidError(f"Invalid {name}: {value}", param=name)
    return Fault(**body)


class Faults:
    def __init__(self, store: Store) -> None:
        self._store = store

    @staticmethod
    def wall_clock() -> float:
        return time.time()

    def add(self, fault: Fault) -> Fault:
        with self._store.transaction():
            self._store.run("INSERT INTO fault (body) VALUES (?)", json.dumps(asdict(fault)))
            return self.all()[-1]

    def all(self) -> list[Fault]:
        rows = self._store.run("SELECT seq, body FROM fault ORDER BY seq")
        return [Fault(**{**json.loads(row["body"]), "id": row["seq"]}) for row in rows]

    def clear(self) -> None:
        self._store.run("DELETE FROM fault")

    def strike_request(self, method: str, path: str, *, is_replay: bool) -> list[Fault]:
        """The request faults that hit this request, at most one of a kind; each is used up by one.

        A replay runs no endpoint: only what goes wrong on the way can hit it.
        """
        struck: dict[str, Fault] = {}
        with self._store.transaction():
            for fault in self.all():
                wanted = fault.kind in get_args(RequestFault) and fault.kind not in struck
                if is_replay and not fault.is_on_the_way:
                    continue
                if wanted and fault.matches_request(method, path) and self._use(fault):
                    struck[fault.kind] = fault
        return list(struck.values())

    def strike_refund(self) -> Fault | None:
        hits = [fault for fault in self.all() if fault.kind == REFUND_FAULT]
        return next((fault for fault in hits if self._use(fault)), None)

    def plan_delivery(self, event_type: str) -> list[tuple[float, str]]:
        """How one event reaches one endpoint: a list of (delay in seconds, first state)."""
        plan = [(0.0, "due")]
        for fault in self.all():
            if fault.kind not in get_args(WebhookFault) or not event_type.startswith(fault.event):
                continue
            if not self._use(fault):
                continue
            if fault.kind == "drop_webhook":
                plan = [(0.0, "dropped")]
            elif fault.kind == "duplicate_webhook":
                plan = [*plan, (0.0, "due")]
            else:
                # Held back until a later event has been delivered, or until the delay is over.
                plan = [(fault.delay_ms / 1000, "held")]
        return plan

    def _use(self, fault: Fault) -> bool:
        """Count this match down. Only a fault past its skips strikes."""
        if fault.skip:
            self._replace(fault, skip=fault.skip - 1)
            return False
        if fault.count <= 1:
            self._store.run("DELETE FROM fault WHERE seq = ?", fault.id)
        else:
            self._replace(fault, count=fault.count - 1)
        return True

    def _replace(self, fault: Fault, **change: int) -> None:
        body = {**asdict(fault), **change}
        self._store.run("UPDATE fault SET body = ? WHERE seq = ?", json.dumps(body), fault.id)
