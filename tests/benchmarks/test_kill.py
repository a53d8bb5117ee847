"""The short form of `benchmarks/kill.py`: the real command, killed at random moments."""

import importlib.util
import sys
from pathlib import Path

import pytest

from scixtag.cli.main import call

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "kill.py"


@pytest.fixture
def kill():
    spec = importlib.util.spec_from_file_location("kill_benchmark", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_whatever_is_killed_whenever_nothing_is_lost_or_written_twice(tmp_path, kill):
    model = tmp_path / "model"
    assert call(["train", "sample:train", "--model", "lexical", "--output", str(model), "--quiet"]) == 0
    told = kill.kill_often(model, tmp_path, kills=5, seed=3, forms=kill.FORMS[:3:2], workers=1)
    assert told.total() >= 5
