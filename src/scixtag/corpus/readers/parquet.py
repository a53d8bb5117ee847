"""Parquet."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scixtag.corpus.fields import Fields, choose_columns
from scixtag.corpus.readers.cells import record_of
from scixtag.corpus.readers.piece import Head, Piece, Place, Rejected, excerpt
from scixtag.corpus.record import Record
from scixtag.errors import InputError

_READ_AHEAD = 1 << 20
"""Bytes of each column; by default whole row groups, of any size, would be held."""


def look(path: Path, wanted: Fields) -> Head:
    """Find the columns of a file.

    Raises:
        InputError: A column is missing, or the file is not Parquet or damaged.
    """
    import pyarrow.parquet as pq

    with _telling(path), pq.ParquetFile(path) as file:
        return Head(path, choose_columns(file.schema_arrow.names, wanted, str(path)))


def cut(head: Head, size: int, start: Place) -> Iterator[Piece]:
    """Pieces of `size` rows; only the columns that hold something of a paper are read.

    Raises:
        InputError: The file is damaged.
    """
    import pyarrow.parquet as pq

    with _telling(head.path), pq.ParquetFile(head.path, pre_buffer=False, buffer_size=_READ_AHEAD) as file:
        groups, skipped = _groups_from(file, start.offset)
        batches = file.iter_batches(batch_size=size, row_groups=groups, columns=_needed(head))
        waiting: list[Any] = []
        for batch in batches:
            rest = batch.slice(min(skipped, batch.num_rows))
            skipped -= batch.num_rows - rest.num_rows
            # A batch may end where a row group does; a piece does not, so that it is the same from any start.
            while rest.num_rows:
                room = size - sum(part.num_rows for part in waiting)
                waiting.append(rest.slice(0, room))
                rest = rest.slice(room)
                if sum(part.num_rows for part in waiting) == size:
                    piece = _piece(head, start, waiting)
                    yield piece
                    start, waiting = piece.end, []
        if waiting:
            yield _piece(head, start, waiting)


def read(piece: Piece) -> Iterator[tuple[int, Record | Rejected]]:
    """The records of a piece."""
    import pyarrow as pa

    if not isinstance(piece.content, bytes):
        raise TypeError("not a piece of a Parquet file")
    with pa.ipc.open_stream(piece.content) as stream:
        table = stream.read_all()
    lists = {name: _values(table.column(name)) for name in table.column_names}
    nothing = [None] * table.num_rows
    columns = [nothing if name is None else lists[name] for name in piece.head.names()]
    for row, cells in enumerate(zip(*columns, strict=True), piece.start.row):
        wrong = next((cell for cell in cells if isinstance(cell, UnicodeDecodeError)), None)
        try:
            if wrong is not None:
                raise wrong
            identifier, title, abstract, labels = cells
            yield row, record_of(piece.head.path.name, row, (identifier, title, abstract, labels))
        except UnicodeDecodeError as error:
            yield row, Rejected(row, f"not UTF-8 text (byte 0x{error.object[error.start]:02x})", excerpt(error.object))
        except ValueError as error:
            yield row, Rejected(row, str(error), excerpt(" ".join(str(cell) for cell in cells if cell is not None)))


def _groups_from(file: Any, rows: int) -> tuple[list[int], int]:
    """The row groups after the first `rows` rows, and how many rows of them are to be skipped."""
    for group in range(file.num_row_groups):
        held = file.metadata.row_group(group).num_rows
        if rows < held:
            return list(range(group, file.num_row_groups)), rows
        rows -= held
    return [], 0


def _needed(head: Head) -> list[str]:
    return [name for name in dict.fromkeys(head.names()) if name is not None]


def _piece(head: Head, start: Place, batches: list[Any]) -> Piece:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    # One table, so that the bytes do not tell where row groups end.
    table = pa.Table.from_batches(batches).combine_chunks()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    rows = table.num_rows
    end = Place(start.offset + rows, start.row + rows, start.line + rows)
    return Piece(head, start, end, sink.getvalue().to_pybytes())


def _values(column: Any) -> list[Any]:
    """Of all rows at once; where one of them is no text, one by one."""
    try:
        return list(column.to_pylist())
    except UnicodeDecodeError:
        return [_value(cell) for cell in column]


def _value(cell: Any) -> Any:
    try:
        return cell.as_py()
    except UnicodeDecodeError as error:
        return error


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: not a readable Parquet file ({error}); copy or download it again") from error
