"""What the README says is so: its commands, its code and its table of measures."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from dsx.cite import PAPERS
from dsx.measures import REGISTRY


@pytest.fixture
def readme(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


def printed(root: Path, which: str) -> str:
    """The command that .ci/run and .ci/lab_check.py take from the README."""
    done = subprocess.run(
        [sys.executable, root / ".ci" / "readme_command.py", which],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.rstrip("\n")


@pytest.mark.parametrize("which", ["lab", "test"])
def test_commands_are_one_line_and_name_what_exists(root: Path, readme: str, which: str) -> None:
    command = printed(root, which)
    assert f"```bash\n{command}\n```" in readme
    assert "\n" not in command
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (extra,) = re.findall(r"\.\[(\w+)\]", command)
    assert extra in project["optional-dependencies"]
    for notebook in re.findall(r"notebooks/\S+\.ipynb", command):
        assert (root / notebook).is_file()


def test_there_are_two_commands(root: Path, readme: str) -> None:
    blocks = re.findall(r"```bash\n(.*?)\n```", readme, flags=re.DOTALL)
    assert blocks == [printed(root, "lab"), printed(root, "test")]


def test_ci_runs_these_commands_and_no_others(root: Path) -> None:
    run = (root / ".ci" / "run").read_text(encoding="utf-8")
    assert "command=$(python3 .ci/readme_command.py test)" in run
    assert 'bash -c "$command"' in run
    assert "python .ci/lab_check.py" in run
    assert 'readme_command("lab")' in (root / ".ci" / "lab_check.py").read_text(encoding="utf-8")
    assert "pip install" not in run
    assert "bin/pytest" not in run


BEFORE = 'frame = {"text": ["fine", "dull", "fine"], "label": ["good", "bad", "good"]}\n'
AFTER = """
assert isinstance(ds, dsx.Dataset)
assert ds.decisions.dropped.sum() == len(ds) - len(cleaned) > 0
"""


def test_code_runs_from_top_to_bottom(readme: str, tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", readme, flags=re.DOTALL)
    code = "\n".join([BEFORE, *blocks, AFTER])
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "decisions.csv").read_text(encoding="utf-8").count("\n") > 1


def test_every_measure_stands_with_its_paper(readme: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([^|]+) \|$", readme, flags=re.MULTILINE)
    assert dict(rows) == {key: PAPERS[kind.papers[0]].short for key, kind in REGISTRY.items()}
