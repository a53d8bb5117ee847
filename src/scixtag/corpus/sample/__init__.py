"""The embedded corpus: papers and a small vocabulary, written for this project.

Keys of `papers.jsonl`: id, part ("train" or "test", fixed), title, abstract (or null), uat_ids (null: unlabelled).
"""

import json
from collections.abc import Iterator
from pathlib import Path

from scixtag.corpus.record import Record
from scixtag.errors import InputError, nearest

NAME = "sample"
PARTS = ("train", "test")
PAPERS = Path(__file__).with_name("papers.jsonl")
"""The papers, one object a line."""
VOCABULARY = Path(__file__).with_name("vocabulary.ttl")
"""The Turtle file that goes with the sample."""


def is_sample(source: str) -> bool:
    """Whether a SOURCE is the embedded corpus or one of its parts."""
    return source.partition(":")[0] == NAME


def read_sample(part: str | None = None) -> Iterator[Record]:
    """Stream the embedded corpus, or one of its parts.

    Raises:
        InputError: No such part.
    """
    check_part(part)
    with PAPERS.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if part in (None, row["part"]):
                labels = None if row["uat_ids"] is None else tuple(row["uat_ids"])
                yield Record(row["id"], row["title"], row["abstract"], labels)


def check_part(part: str | None) -> None:
    """See that the sample has a part; None is all of it.

    Raises:
        InputError: No such part.
    """
    if part is not None and part not in PARTS:
        raise InputError(f"sample:{part}: the sample has no such part; {nearest(part, PARTS)}")
