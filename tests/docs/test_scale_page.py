"""The table of docs/scale.md is what its command prints, and the commands for this machine run as they stand."""

import os
import re
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
SIZING = re.compile(r"<!-- sizing: .* -->\n```text\npython (\S+) (.*?)\n```\n\n(.*?)\n\n(.*? out)\.\n", flags=re.DOTALL)


def sizing(arguments):
    script = [sys.executable, str(ROOT / "benchmarks" / "sizing.py"), *arguments]
    return subprocess.run(script, capture_output=True, text=True, check=True).stdout


def test_the_table_is_what_its_command_prints():
    ((script, arguments, table, sizes),) = SIZING.findall(PAGE)
    assert script == "benchmarks/sizing.py"
    assert sizing(shlex.split(arguments)) == f"{table}\n\n{sizes}.\n"


def test_an_estimate_by_hand():
    """72,000 papers/s are all that the driver gives: 20 million in 278 s, and 4 s until they begin."""
    told = "--rate 1000 --scaling 0.5 --ceiling 72000 --start 4 --bytes-in 1000 --bytes-out 500 --price 0.1"
    rows = {line.split(" | ")[0]: line for line in sizing(told.split()).splitlines()}
    assert rows["| 1"].startswith("| 1 | 1,000 | 1.0 | 0.5 | 5.6 h | 0.56 | cores | 3.5 days | 8.33 | cores |")
    assert rows["| 64"].startswith("| 64 | 32,000 | 32.0 | 16.0 | 10.5 min | 1.12 | cores | ")
    assert rows["| 256"].startswith("| 256 | 72,000 | 72.0 | 36.0 | 4.7 min | 2.00 | driver | ")
    joined = sizing([*told.split(), "--joining", "10e6"]).splitlines()
    assert joined[-3].startswith("| 256 | 72,000 | 72.0 | 36.0 | 21.4 min | 9.11 | joining the parts | ")


@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install 'scixtag[ray]'")
def test_the_commands(tmp_path):
    (block,) = re.findall(r"^```sh\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-ec", block],
        cwd=tmp_path,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
