"""docs/baseline.md names only commands, options and tests that exist."""

import re
from pathlib import Path

import pytest

from scixtag.config import assign, parse_assignment
from scixtag.workflows.recipes import recipe_document, recipe_names
from scixtag.workflows.settings import training_settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "baseline.md").read_text(encoding="utf-8")


def test_every_row_names_a_test_that_exists():
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith(("| step", "| item"))]
    assert len(rows) >= 19
    for row in rows:
        (named,) = re.findall(r"`(tests/[\w/.:]+)`", row)
        file, _, function = named.partition("::")
        text = (ROOT / file).read_text(encoding="utf-8")
        assert not function or f"def {function}(" in text, named


def test_every_setting_is_one_of_the_seed_recipe():
    settings = re.findall(r"`((?:model|decision|tuning|calibration)\.\w+ = [^`]+|minimum_label_count = \d+)`", PAGE)
    assert len(settings) >= 15
    for setting in settings:
        document = recipe_document("seed-bert")
        key, _, value = setting.partition(" = ")
        assign(document, *parse_assignment(f"{key}={value}"))
        if key.startswith("decision"):
            document["tuning"] = {"scheme": "auto"}
        training_settings(document, "baseline.md")


@pytest.mark.parametrize(
    "name", re.findall(r'"([\w+-]+)"', PAGE.partition("label-aware losses")[2].partition("|\n")[0])
)
def test_every_loss_of_the_list_is_known(name):
    document = recipe_document("seed-bert")
    document["model"]["loss"] = name
    assert training_settings(document, "baseline.md").model_settings.loss == name


def test_every_recipe_exists():
    for name in re.findall(r"(?:--recipe|scixtag recipes) ([\w-]+)", PAGE):
        assert name in recipe_names()
