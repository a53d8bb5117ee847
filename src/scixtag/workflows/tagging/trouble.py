"""Shards at which workers died: tried again, then one record at a time, then without the record that is to blame."""

from dataclasses import dataclass, replace
from pathlib import Path

from scixtag.engines.base import Died
from scixtag.errors import WorkerError
from scixtag.workflows.tagging.shard import Shard, noted_at

_WITHOUT_RECORD = 3
"""So many careful workers may end before they reach any record."""


@dataclass
class _Case:
    """What happened at one shard.

    Attributes:
        deaths: Workers that died since it was last begun in a new way.
        suspect: The record that the last careful worker was at.
        nowhere: Careful workers that died before they reached any record.
    """

    deaths: int = 0
    suspect: int | None = None
    nowhere: int = 0


class Troubles:
    """Decides what is done after a worker has died.

    A worker can be killed for reasons that lie outside of what it reads, so a record is to blame only if two workers
    in a row died at it, with no other record beside.

    Args:
        folder: Where careful workers note at which record they are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cases: dict[int, _Case] = {}

    def next(self, died: Died) -> Shard:
        """How the shard is tried next.

        Raises:
            WorkerError: Workers die at it before they have read anything.
        """
        shard: Shard = died.task
        case = self._cases.setdefault(shard.number, _Case())
        if not shard.careful:
            case.deaths += 1
            return shard if case.deaths < 2 else replace(shard, careful=True)
        record = self._noted(shard)
        if record is None:
            case.nowhere += 1
            if case.nowhere == _WITHOUT_RECORD:
                raise WorkerError(
                    f"{shard.piece.head.path} from row {shard.piece.start.row} on: workers end before they tag a "
                    f"record ({died.reason}); is there enough memory? Try a smaller --shard, or fewer --workers"
                )
            return shard
        case.nowhere = 0
        if record != case.suspect:
            case.suspect = record
            return shard
        # One more chance for the others together; they are then tagged one by one as soon as another worker dies.
        case.suspect, case.deaths = None, 1
        return replace(shard, without=(*shard.without, (record, died.reason)), careful=False)

    def over(self, shard: int) -> None:
        """It is tagged."""
        self._cases.pop(shard, None)

    def _noted(self, shard: Shard) -> int | None:
        note = noted_at(self._folder, shard.number)
        try:
            text = note.read_text(encoding="ascii")
        except FileNotFoundError:
            return None
        note.unlink()
        return int(text) if text.isdecimal() else None
