"""Parquet."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scixtag.corpus.fields import Fields, choose_columns
from scixtag.corpus.readers.cells import record_of
from scixtag.corpus.record import Record
from scixtag.errors import InputError

_BATCH = 1024


def read_parquet(path: Path, wanted: Fields) -> Iterator[Record]:
    """Stream a Parquet file in batches; only the columns that hold something of a paper are read.

    Raises:
        InputError: A column is missing, or the file is not Parquet or damaged.
    """
    for row, cells in enumerate(_rows(path, wanted), 1):
        yield record_of(path.name, row, cells)


def _rows(path: Path, wanted: Fields) -> Iterator[tuple[Any, Any, Any, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            names = choose_columns(file.schema_arrow.names, wanted, str(path)).names()
            needed = [name for name in dict.fromkeys(names) if name is not None]
            for batch in file.iter_batches(batch_size=_BATCH, columns=needed):
                lists = {name: batch.column(name).to_pylist() for name in needed}
                nothing = [None] * batch.num_rows
                identifiers, titles, abstracts, labels = (nothing if name is None else lists[name] for name in names)
                yield from zip(identifiers, titles, abstracts, labels, strict=True)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a readable Parquet file ({error}); copy or download it again") from error
