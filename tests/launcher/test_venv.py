"""The virtual environment is made, left alone, and repaired. Packages come from a folder, not from the network."""

import shutil
import subprocess
import sys
import zipfile

import pytest

from devtools.launcher.console import LauncherError
from devtools.launcher.places import ROOT
from devtools.launcher.venv import Venv


def write_wheel(folder, version):
    info = f"tiny-{version}.dist-info"
    files = {
        "tiny/__init__.py": "",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"tiny-{version}-py3-none-any.whl", "w") as wheel:
        for name, content in {**files, f"{info}/RECORD": record}.items():
            wheel.writestr(name, content)


@pytest.fixture
def venv(tmp_path, monkeypatch):
    for version in ("1.0", "2.0"):
        write_wheel(tmp_path, version)
    for name, value in {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_EXTRA_INDEX_URL": ""}.items():
        monkeypatch.setenv(name, value)
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("tiny==1.0\n")
    return Venv(tmp_path / "venv", requirements, tmp_path / "var")


def imports_tiny(venv):
    return subprocess.run([venv.python, "-c", "import tiny"], capture_output=True, check=False).returncode == 0


def test_an_environment_through_its_life(venv, capsys):
    """One environment for all of it, because making one takes two seconds. It begins with one that does not start."""
    (venv.path / "bin").mkdir(parents=True)
    venv.python.symlink_to("/nonexistent/python3")
    venv.ensure()
    assert "does not start; making venv again" in capsys.readouterr().out
    assert imports_tiny(venv)

    venv.ensure()
    assert capsys.readouterr().out == "", "nothing to do when nothing has changed"

    shutil.rmtree(next(venv.path.glob("lib/python3.*/site-packages/tiny")))
    venv.ensure()
    assert "misses files of tiny" in capsys.readouterr().out
    assert imports_tiny(venv)

    venv.requirements.write_text("tiny==2.0\n")
    venv.ensure()
    assert next(venv.path.glob("lib/python3.*/site-packages/tiny-2.0.dist-info"))

    venv.requirements.write_text("tiny==3.0\n")
    with pytest.raises(LauncherError, match=r"pip could not install the packages: ERROR: .*tiny==3\.0"):
        venv.ensure()


def test_the_bootstrap_needs_the_standard_library_only():
    """It runs before anything is installed: -S hides every installed package."""
    subprocess.run([sys.executable, "-S", "-c", "import devtools.launcher.bootstrap"], cwd=ROOT, check=True)
