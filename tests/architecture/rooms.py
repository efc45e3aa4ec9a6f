"""The rooms, from the ground up, as the import contract lists them."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
_LAYERS: list[str] = next(contract["layers"] for contract in _CONTRACTS if contract["id"] == "rooms")
# devtools stands beside them.
ROOMS = tuple(layer for layer in reversed(_LAYERS) if layer != "devtools")
