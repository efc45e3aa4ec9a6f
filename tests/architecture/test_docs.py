"""What the documents state about the code is so."""

import re

import pytest

from core.errors import ErrorKind
from devtools import processes
from editing.rules import FINAL_STATES, TRANSITIONS
from tests.architecture.rooms import ROOMS, ROOT

DOCS = ROOT / "docs"
ARCHITECTURE = (DOCS / "architecture.md").read_text()
DOCUMENTS = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
ADRS = sorted((DOCS / "adr").glob("*.md"))


def table(heading: str, page: str = ARCHITECTURE) -> list[list[str]]:
    """The cells of the table with this first column."""
    rows = page.partition(f"| {heading} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_the_rooms_are_those_of_the_import_contract():
    assert [row[0].strip("`") for row in table("Room")] == list(reversed(ROOMS))


def test_the_state_table_is_that_of_the_code():
    documented: dict[str, tuple[str, ...]] = {}
    for states, following, _ in table("State"):
        for state in states.split(", "):
            documented[state] = () if following == "–" else tuple(following.split(", "))
    assert documented == {str(state): tuple(map(str, following)) for state, following in TRANSITIONS.items()}
    assert table("State")[-1][0].split(", ") == [str(state) for state in FINAL_STATES]


def test_the_status_codes_are_those_of_the_error_kinds():
    errors = (DOCS / "errors.md").read_text()
    assert [int(row[0]) for row in table("Status", errors)] == sorted(kind.status for kind in ErrorKind)


def test_the_processes_are_those_that_are_started():
    assert [row[0] for row in table("Process")] == [
        process.name for process in (processes.WEB, processes.WORKER, processes.BEAT)
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    text = document.read_text()
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text) + re.findall(r'src="([^"]+)"', text)
    missing = [
        target for target in targets if "://" not in target and not document.parent.joinpath(target).resolve().exists()
    ]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_are_named_exist(document):
    """`core/outbox.py` and the like, in code spans."""
    named = re.findall(r"`((?:[a-z_]+/)+[a-z_]*(?:\.[a-z]+)?)`", document.read_text())
    known = {folder.name for folder in ROOT.iterdir()}
    missing = [path for path in named if path.partition("/")[0] in known and not ROOT.joinpath(path).exists()]
    assert [path for path in missing if not path.startswith("var/")] == []


def test_decisions_are_numbered_without_gap_and_fit_on_a_page():
    assert [path.name[:4] for path in ADRS] == [f"{number:04}" for number in range(1, len(ADRS) + 1)]
    for number, path in enumerate(ADRS, 1):
        text = path.read_text()
        assert text.startswith(f"# {number}. "), path.name
        assert len(text.split()) <= 500, f"{path.name} is longer than a page"
        assert "**Decided.**" in text
        assert "**Price.**" in text


def test_the_architecture_fits_on_a_page():
    assert len(ARCHITECTURE.split()) <= 1100


def test_the_picture_names_every_room():
    picture = (DOCS / "architecture.svg").read_text()
    assert [row[0].strip("`") for row in table("Room") if f">{row[0].strip('`')}</text>" not in picture] == []


def test_pictures_are_small_and_each_is_shown():
    pictures = sorted((DOCS / "screenshots").glob("*.png"))
    shown = (ROOT / "README.md").read_text()
    assert [path.name for path in pictures if f"docs/screenshots/{path.name}" not in shown] == []
    assert {path.name: path.stat().st_size for path in pictures if path.stat().st_size > 200_000} == {}
