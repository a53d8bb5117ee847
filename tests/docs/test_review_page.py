"""The commands of docs/review.md do what they say, in the order in which they stand, and its tables are complete."""

import re
from pathlib import Path

from scixtag.review.decisions import ACTIONS
from scixtag.review.queue import ORDERS
from scixtag.review.store.schema import metadata
from test_readme import blocks, run_all

PAGE = (Path(__file__).parents[2] / "docs" / "review.md").read_text(encoding="utf-8")


def test_its_commands(tmp_path):
    run_all([line for block in blocks(PAGE, "sh") for line in block.splitlines()], tmp_path)
    assert (tmp_path / "decided.tsv").read_text().splitlines()[1].startswith("sample-008\t")


def test_its_tables_name_everything():
    named = re.findall(r"^\| `([\w-]+)`", PAGE, flags=re.MULTILINE)
    assert named == [*sorted(metadata.tables, key=named.index), *ACTIONS, *ORDERS]
