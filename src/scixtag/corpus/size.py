"""About how many papers a source holds, for the estimate of a progress bar."""

import gzip
import zlib
from pathlib import Path
from typing import IO, cast

from scixtag.corpus.readers.paths import files_at
from scixtag.corpus.sample import PARTS, is_sample, read_sample
from scixtag.errors import InputError
from scixtag.progress import Estimate

_LOOKED_AT = 1 << 22
"""Bytes of a text file whose lines are counted; the rest is taken to be like them."""


def expected_papers(source: str) -> int | None:
    """The number of papers, an `Estimate` where only the beginning was looked at; None where it is not cheap to know.

    Never an error: whatever is wrong with the source is said when it is read.
    """
    name, _, part = source.partition(":")
    if is_sample(source):
        return sum(1 for _ in read_sample(part or None)) if not part or part in PARTS else None
    if name == "hf":
        return None
    try:
        counts = [_papers_in(path) for path in files_at(Path(source))]
    except (InputError, OSError, ValueError, EOFError, zlib.error):
        return None
    return Estimate(sum(counts)) if any(isinstance(count, Estimate) for count in counts) else sum(counts)


def _papers_in(path: Path) -> int:
    if path.suffix.lower() == ".parquet":
        import pyarrow.parquet as pq

        return int(pq.read_metadata(path).num_rows)
    packed = path.suffix.lower() == ".gz"
    with path.open("rb") as file:
        stream = gzip.GzipFile(fileobj=file) if packed else cast("IO[bytes]", file)
        beginning = stream.read(_LOOKED_AT)
        whole = len(beginning) < _LOOKED_AT
        # Packed, it is as many bytes of the file as were taken from it, and a few that are read ahead.
        seen = file.tell()
    lines = beginning.count(b"\n") + (not beginning.endswith(b"\n"))
    header = 0 if (path.with_suffix("") if packed else path).suffix.lower() in (".jsonl", ".ndjson") else 1
    if whole:
        return max(0, lines - header)
    return Estimate(max(0, round(lines * path.stat().st_size / seen) - header))
