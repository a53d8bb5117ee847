"""Papers on their way into the queue: what cannot go there is put aside with the reason, and the others come."""

from collections.abc import Iterator
from typing import IO

from scixtag import progress
from scixtag.corpus.fields import Fields
from scixtag.corpus.readers.cells import is_made_up
from scixtag.corpus.readers.paths import read_piece
from scixtag.corpus.readers.piece import Rejected, excerpt
from scixtag.corpus.record import Record
from scixtag.corpus.supply import supply_of
from scixtag.errors import InputError
from scixtag.review.texts import checked_name
from scixtag.workflows.tagging.shard import line_of

TOLD = 10
"""So many rows are told one by one where no file takes them."""

_PIECE = 1024


class Rejects:
    """Rows that cannot be imported.

    Args:
        stream: Takes them in the form of `scixtag tag --rejects`; None: the first ten are noted.

    Attributes:
        count: How many there are.
        repeated: Rows beside these that said once more what an earlier one had said.
    """

    def __init__(self, stream: IO[bytes] | None = None) -> None:
        self._stream = stream
        self._first = ""
        self.count = self.repeated = 0

    def add(self, file: str, rejected: Rejected) -> None:
        """Take one.

        Args:
            file: The name of its file.
            rejected: Its place there, and why it cannot be imported.
        """
        self.count += 1
        told = f"{file} {rejected.place}: {rejected.reason}"
        self._first = self._first or told
        if self._stream is not None:
            self._stream.write(line_of(file, rejected))
        elif self.count <= TOLD:
            progress.note(f"not imported, {told}")

    def refuse_all(self, source: str) -> None:
        """A source without a paper that can be imported is a mistake of somebody.

        Raises:
            InputError: There is one row here, at least.
        """
        if self.count:
            raise InputError(f"{source}: no paper can be imported ({self.count:,} rejected); the first, {self._first}")


class Incoming:
    """The papers of a source that can be queued, in its order, each once: of a repeated id the first row counts.

    Args:
        source: As of `scixtag tag`.
        fields: Columns with unusual names.
        rejects: Takes the others: those that cannot be read, have no id that can be kept, or one of an earlier paper
            with another text.

    Raises:
        InputError: The source cannot be read, or none of its papers has an id.
    """

    def __init__(self, source: str, fields: Fields, rejects: Rejects) -> None:
        self._supply = supply_of(source, fields, labels=False)
        if any(head.columns is not None and head.columns.id is None for head in self._supply.heads):
            raise InputError(
                f"{source}: the papers have no ids, and decisions need to know whose they are; "
                "name the column of the ids with --id-field"
            )
        self._rejects = rejects
        self._seen: dict[str, tuple[str, int]] = {}

    def __iter__(self) -> Iterator[Record]:
        for piece, _ in self._supply.cut(_PIECE):
            file = piece.head.path.name
            for row, item in read_piece(piece):
                checked = item if isinstance(item, Rejected) else self._checked(file, row, item)
                if isinstance(checked, Rejected):
                    self._rejects.add(file, checked)
                elif checked is not None:
                    yield checked

    def _checked(self, file: str, row: int, record: Record) -> Record | Rejected | None:
        """The record, why it cannot be imported, or None if it is there already."""
        shown = excerpt(" ".join(filter(None, (record.id, record.title, record.abstract))))
        if record.id == f"{file}:{row}":
            return Rejected(row, "no id, and decisions need to know whose they are", excerpt(record.title))
        if is_made_up(record.id):
            return Rejected(row, f"the id {record.id} is a place in a file, and none of a paper's own", shown)
        try:
            checked_name(record.id, "the id")
        except InputError as error:
            return Rejected(row, str(error), shown)
        place = f"{file} row {row}"
        text = hash((record.title, record.abstract))
        first, said = self._seen.setdefault(record.id, (place, text))
        if first == place:
            return record
        if said != text:
            return Rejected(row, f"the id {record.id} is that of {first}, with another text; that one counts", shown)
        self._rejects.repeated += 1
        return None
