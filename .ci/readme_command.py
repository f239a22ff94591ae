"""Prints a command of README.md as a reader would paste it: ``lab`` or ``test``."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENDS = {"lab": r"jupyter lab .*\.ipynb", "test": r"pytest"}


def readme_command(which: str) -> str:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```bash\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    pattern = re.compile(rf"python3 -m venv \.venv && .*/{ENDS[which]}")
    found = [block.rstrip("\n") for block in blocks if pattern.fullmatch(block.rstrip("\n"))]
    if len(found) != 1:
        raise SystemExit(f"README.md should hold one `{which}` command on one line: {found}")
    return found[0]


if __name__ == "__main__":
    print(readme_command(sys.argv[1]))
