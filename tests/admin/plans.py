"""What a page asks of the database, and what the database does for it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection

from core.admin.paging import CAP

# A capped count and a page look at a bit more than CAP rows, in a table and the one beside it, or among a neighbour's.
MOST_ROWS = 4 * CAP

Plan = dict[str, Any]


@dataclass(frozen=True)
class Statement:
    sql: str
    params: Any


@contextmanager
def recorded() -> Iterator[list[Statement]]:
    """Every statement that Django sends meanwhile."""
    statements: list[Statement] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(Statement(sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield statements


def plan_of(statement: Statement) -> Plan:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement.sql}", statement.params)
        (answer,) = cursor.fetchone()
    plans = json.loads(answer) if isinstance(answer, str) else answer
    plan: Plan = plans[0]["Plan"]
    return plan


def nodes(plan: Plan) -> Iterator[Plan]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def rows_read(plan: Plan) -> int:
    """Rows that were looked at in tables, taken or not. Ten entries of an index alone cost about as much as one row."""
    return round(sum(_looked_at(node) for node in nodes(plan) if "Relation Name" in node))


def _looked_at(node: Plan) -> float:
    dropped = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    rows: float = (node["Actual Rows"] + dropped) * node["Actual Loops"]
    return rows / 10 if node["Node Type"] == "Index Only Scan" else rows


def faults(statement: Statement, growing: set[str]) -> list[str]:
    """What must not happen however long a shop has been here."""
    if not statement.sql.startswith("SELECT"):
        return []
    plan = plan_of(statement)
    found = [
        f"reads all of {node['Relation Name']}"
        for node in nodes(plan)
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in growing
    ]
    read = rows_read(plan)
    if read > MOST_ROWS:
        found.append(f"looks at {read} rows")
    return found
