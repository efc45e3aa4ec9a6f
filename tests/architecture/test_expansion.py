"""Migrations expand: the release before goes on working on the new schema, until a contract step of a later release."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState

from core.db.online import AddIndexOnline
from core.version import VERSION
from tests.architecture.expansion import MAY_BE_APPLIED_TWICE, faults

ROOT = Path(__file__).resolve().parents[2]
# The last migration of each room when nothing had been released yet: no release stood before those.
BEFORE_THE_FIRST_RELEASE = {
    "connectors": 3,
    "core": 8,
    "editing": 3,
    "giftcards": 1,
    "merchants": 6,
    "messaging": 6,
    "metrics": 2,
    "orders": 12,
    "payments": 3,
    "portal": 3,
}


def own_migrations() -> list[tuple[migrations.Migration, ProjectState]]:
    """In the order in which they are applied, each with the state before it."""
    loader = MigrationLoader(None)
    rooms = {config.label for config in apps.get_app_configs() if "site-packages" not in Path(config.path).parts}
    found, state = [], ProjectState()
    for key in loader.graph._generate_plan(loader.graph.leaf_nodes(), at_end=True):
        migration = loader.graph.nodes[key]
        if key[0] in rooms:
            found.append((migration, state.clone()))
        state = migration.mutate_state(state, preserve=False)
    return found


def released_after_the_first(migration: migrations.Migration) -> bool:
    return int(migration.name[:4]) > BEFORE_THE_FIRST_RELEASE.get(migration.app_label, 0)


def test_every_migration_leaves_the_release_before_working():
    found = [
        fault
        for migration, state in own_migrations()
        if released_after_the_first(migration)
        for fault in faults(migration, state)
    ]
    assert found == []


def test_what_is_not_atomic_may_be_applied_twice():
    """Also before the first release: the way from there may be interrupted."""
    unsafe = [
        str(migration)
        for migration, _ in own_migrations()
        if not migration.atomic and not all(isinstance(each, MAY_BE_APPLIED_TWICE) for each in migration.operations)
    ]
    assert unsafe == []


def test_a_contract_step_names_an_earlier_release():
    def number(version: str) -> tuple[int, ...]:
        return tuple(map(int, version.split(".")))

    steps = {str(m): m.contract_of for m, _ in own_migrations() if hasattr(m, "contract_of")}
    assert {name: of for name, of in steps.items() if number(of) >= number(VERSION)} == {}


def test_the_version_is_that_of_the_project():
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)


def checked(*operations: Any, **attributes: Any) -> list[str]:
    made = type("Migration", (migrations.Migration,), {"operations": list(operations), **attributes})
    state = ProjectState()
    fields: list[tuple[str, Any]] = [
        ("id", models.BigAutoField(primary_key=True)),
        ("note", models.CharField(max_length=20, null=True)),
    ]
    state.add_model(ModelState("shop", "Thing", fields, options={"indexes": []}))
    return list(faults(made("0002_next", "shop"), state))


def named(field: str) -> models.Index:
    return models.Index(fields=[field], name="shop_thing_index")


REFUSED = {
    "a column goes": migrations.RemoveField("thing", "note"),
    "a table goes": migrations.DeleteModel("Thing"),
    "a column is renamed": migrations.RenameField("thing", "note", "remark"),
    "a table is renamed": migrations.RenameModel("Thing", "Item"),
    "a table moves": migrations.AlterModelTable("thing", "elsewhere"),
    "SQL drops": migrations.RunSQL("ALTER TABLE shop_thing DROP COLUMN note"),
    "SQL forbids NULL": migrations.RunSQL("ALTER TABLE shop_thing ALTER note SET  NOT NULL"),
    "hidden in a pair": migrations.SeparateDatabaseAndState([migrations.RemoveField("thing", "note")], []),
    "NOT NULL without default": migrations.AddField("thing", "size", models.IntegerField()),
    "a default that only the new code knows": migrations.AddField("thing", "size", models.IntegerField(default=0)),
    "NULL is forbidden": migrations.AlterField("thing", "note", models.CharField(max_length=20, default="")),
    "it becomes shorter": migrations.AlterField("thing", "note", models.CharField(max_length=10, null=True)),
    "an index that holds up writing": migrations.AddIndex("thing", named("note")),
}


@pytest.mark.parametrize("operation", REFUSED.values(), ids=REFUSED)
def test_what_the_release_before_would_stumble_over_is_refused(operation):
    (fault,) = checked(operation)
    assert fault.startswith("shop.0002_next: ")


@pytest.mark.parametrize("operation", [REFUSED["a column goes"], REFUSED["NULL is forbidden"]])
def test_a_contract_step_of_an_earlier_release_may_take_away(operation):
    assert checked(operation, contract_of="0.0.1") == []


ALLOWED = {
    "nullable": migrations.AddField("thing", "size", models.IntegerField(null=True)),
    "a default in the database": migrations.AddField("thing", "size", models.IntegerField(db_default=0)),
    "longer": migrations.AlterField("thing", "note", models.CharField(max_length=40, null=True)),
    "a table": migrations.CreateModel("Other", [("id", models.BigAutoField(primary_key=True))]),
}


@pytest.mark.parametrize("operation", ALLOWED.values(), ids=ALLOWED)
def test_what_expands_is_allowed(operation):
    assert checked(operation) == []


def test_a_new_table_may_be_shaped_freely():
    made = migrations.CreateModel("Other", [("id", models.BigAutoField(primary_key=True))])
    assert checked(made, migrations.AddField("other", "size", models.IntegerField(default=0))) == []


def test_an_index_may_be_made_online_in_a_migration_of_its_own():
    online = AddIndexOnline("thing", named("note"))
    assert checked(online, atomic=False) == []
    assert len(checked(AddIndexConcurrently("thing", named("note")), atomic=False)) == 2
    (fault,) = checked(migrations.RunSQL("SELECT 1"), atomic=False)
    assert "may be applied twice" in fault
