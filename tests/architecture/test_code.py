"""House rules that no linter knows: sizes, names, one clock, no hidden workflow."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.rooms import ROOMS, ROOT

OTHERS = ("devtools", "benchmarks", "tests", "deploy")

MAX_FILE, MAX_FUNCTION = 400, 60
# (lines, bytes) of what is not Python.
MAX_SIZE = {".html": (100, 8_000), ".js": (150, 8_000), ".css": (600, 24_000)}
BANNED_NAMES = {"utils.py", "helpers.py"}

# Every other line of code asks core.clock.now, which tests can set.
CLOCKS = re.compile(r"datetime\.(now|today|utcnow)\(|date\.today\(|timezone\.now\(|time\.time\(|\bNow\(\)")
CLOCK_FILES = {"core/clock.py"}
SIGNALS = re.compile(r"@receiver|\b(pre|post)_(save|delete)\b")
DELAYS = re.compile(r"\b(countdown|eta)=|\.delay\(|\.apply_async\(")


def files(*suffixes: str, folders: tuple[str, ...] = ROOMS + OTHERS) -> Iterator[Path]:
    for folder in folders:
        for file in sorted(ROOT.joinpath(folder).rglob("*")):
            if file.suffix in suffixes and not {"migrations", "vendor", "__pycache__"} & set(file.parts):
                yield file


def name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def offending_lines(pattern: re.Pattern[str], folders: tuple[str, ...] = ROOMS) -> list[str]:
    return [
        f"{name(file)}:{number}: {line.strip()}"
        for file in files(".py", folders=folders)
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if pattern.search(line)
    ]


def test_every_folder_of_code_is_looked_at():
    found = {file.parent.name for file in ROOT.glob("*/__init__.py")}
    assert found <= set(ROOMS + OTHERS), "a new folder belongs into ROOMS or OTHERS"


def test_python_files_and_functions_stay_short():
    too_long = []
    for file in files(".py"):
        text = file.read_text()
        if (lines := text.count("\n")) > MAX_FILE:
            too_long.append(f"{name(file)} has {lines} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > MAX_FUNCTION:
                    too_long.append(f"{name(file)}: {node.name} has {length} lines")
    assert too_long == []


@pytest.mark.parametrize("suffix", MAX_SIZE)
def test_templates_styles_and_scripts_stay_small(suffix):
    most_lines, most_bytes = MAX_SIZE[suffix]
    too_large = [
        f"{name(file)}: {text.count(chr(10))} lines, {len(text.encode())} bytes"
        for file in files(suffix)
        if (text := file.read_text()).count("\n") > most_lines or len(text.encode()) > most_bytes
    ]
    assert too_large == []


def test_names_say_what_a_module_is_for():
    assert [name(file) for file in files(".py") if file.name in BANNED_NAMES] == []


def test_imports_are_absolute():
    relative = [
        f"{name(file)}:{node.lineno}"
        for file in files(".py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_there_is_one_clock():
    assert [line for line in offending_lines(CLOCKS) if line.split(":")[0] not in CLOCK_FILES] == []


def test_signals_are_no_workflow_tool():
    assert offending_lines(SIGNALS) == []


def test_a_delay_is_a_row_and_not_a_message():
    """Messages wait in the broker, may be lost with it, and come twice after its time-out."""
    assert offending_lines(DELAYS) == []


def test_tests_wait_for_conditions_and_not_for_time():
    sleeping = [
        f"{name(file)}:{node.lineno}"
        for file in files(".py", folders=("tests", *ROOMS))
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "sleep", "page.wait_for_timeout"}
    ]
    assert sleeping == []


def test_only_these_places_outlive_any_error():
    """A broad except hides faults. Each of these passes the error on, records it, or is where a process must go on."""
    broad = {
        f"{name(file)}: {node.type and ast.unparse(node.type)}"
        for file in files(".py", folders=ROOMS)
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
    }
    assert broad <= {
        "core/api/idempotency.py: BaseException",  # frees the key, raises again
        "core/api/idempotency.py: Exception",  # handed to DRF, which raises what it does not know
        "core/outbox.py: Exception",  # recorded on the event's row, tried again, then visible as dead
    }


def test_nothing_is_left_to_do():
    assert offending_lines(re.compile(r"\b(TODO|FIXME)\b"), folders=(*ROOMS, "devtools", "benchmarks")) == []
