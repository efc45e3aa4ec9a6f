"""The image holds requirements.txt alone: what the platform imports must be in it, not only on developers' machines."""

import ast
import re
import sys
from importlib.metadata import packages_distributions

from django.conf import settings

from tests.architecture.rooms import ROOMS, ROOT

FOLDERS = (*ROOMS, "deploy")
DEVELOPMENT_APPS = {"devtools"}


def imported_by_the_platform() -> set[str]:
    names = set()
    for room in FOLDERS:
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Import):
                    names |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    names.add(node.module)
    return {name.partition(".")[0] for name in names}


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_production_requirements_hold_all_that_is_imported_or_installed():
    pinned = {normalised(name) for name in re.findall(r"^([\w.-]+)", (ROOT / "requirements.txt").read_text(), re.M)}
    wanted = imported_by_the_platform() | {app.partition(".")[0] for app in settings.INSTALLED_APPS}
    foreign = wanted - set(sys.stdlib_module_names) - set(FOLDERS) - DEVELOPMENT_APPS
    distributions = packages_distributions()
    missing = {
        module for module in foreign if not {normalised(name) for name in distributions.get(module, [])} & pinned
    }
    assert missing == set()
