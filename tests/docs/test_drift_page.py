"""The commands of docs/drift.md run as they stand."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from scixtag.evaluation.drift.compare import BOUNDS
from scixtag.evaluation.drift.profile import QUANTITIES

PAGE = (Path(__file__).parents[2] / "docs" / "drift.md").read_text(encoding="utf-8")


def test_the_commands(tmp_path):
    (block,) = re.findall(r"^```sh\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command in block.splitlines():
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=tmp_path,
            env=os.environ | {"PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "drift.json").read_text())["level"] in ("none", "some", "strong")
    assert (tmp_path / "drift-report" / "drift.html").is_file()


def test_it_explains_what_is_compared_and_the_rule():
    for quantity in QUANTITIES.values():
        assert quantity.title in PAGE
    for bounds in BOUNDS.values():
        row = rf"\| {str(bounds.some).lstrip('0')} \| {str(bounds.strong).lstrip('0')} \|"
        assert re.search(row, PAGE)
