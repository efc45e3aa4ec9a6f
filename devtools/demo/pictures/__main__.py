"""Write every picture to the static files that the demo shops serve."""

import sys
from pathlib import Path

from devtools.demo.pictures import PICTURES

TARGET = Path(__file__).resolve().parents[2] / "static" / "demo"


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, drawing in PICTURES.items():
        (TARGET / f"{name}.svg").write_text(drawing, encoding="utf-8")
    sys.stdout.write(f"{len(PICTURES)} pictures in {TARGET}\n")


if __name__ == "__main__":
    main()
