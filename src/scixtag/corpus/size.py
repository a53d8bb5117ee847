"""About how many papers a source holds, for the estimate of a progress bar."""

from pathlib import Path

from scixtag.corpus.readers.paths import files_at
from scixtag.corpus.sample import PARTS, is_sample, read_sample
from scixtag.errors import InputError

_LOOKED_AT = 1 << 22
"""Bytes of a text file whose lines are counted; the rest is taken to be like them."""


def expected_papers(source: str) -> int | None:
    """The number of papers, exact for Parquet and the sample, estimated for text; None where it is not cheap to know.

    Never an error: whatever is wrong with the source is said when it is read.
    """
    name, _, part = source.partition(":")
    if is_sample(source):
        return sum(1 for _ in read_sample(part or None)) if not part or part in PARTS else None
    if name == "hf":
        return None
    try:
        counts = [_papers_in(path) for path in files_at(Path(source))]
    except (InputError, OSError, ValueError):
        return None
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _papers_in(path: Path) -> int | None:
    if path.suffix.lower() == ".parquet":
        import pyarrow.parquet as pq

        return int(pq.read_metadata(path).num_rows)
    if path.suffix.lower() == ".gz":
        return None
    with path.open("rb") as stream:
        beginning = stream.read(_LOOKED_AT)
    lines = beginning.count(b"\n") + (not beginning.endswith(b"\n"))
    header = 0 if path.suffix.lower() in (".jsonl", ".ndjson") else 1
    return max(0, round(lines * path.stat().st_size / max(1, len(beginning))) - header)
