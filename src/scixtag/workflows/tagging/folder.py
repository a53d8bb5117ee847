"""The folder beside the output, in which everything lies until it is complete: whose it is, and who works in it."""

import fcntl
import json
import os
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scixtag.errors import InputError
from scixtag.files import write_json
from scixtag.workflows.tagging.journal import Assembled, Journal
from scixtag.workflows.tagging.shard import AT, PARTS, REJECTS
from scixtag.workflows.tagging.target import Target, rejects_part

FORMAT = "scixtag-tagging"
FORMAT_VERSION = 1

_BLOCK = 1 << 20
_JOB = "job.json"
_JOURNAL = "journal.jsonl"
_LOCK = "lock"
_WHOLE = "whole"
_WAS = "was"
_OURS = {_JOB, _JOURNAL, _LOCK, _WHOLE, _WAS, PARTS, REJECTS, AT, f"{_WHOLE}.{REJECTS}"}


class Unfinished:
    """The folder of a tagging.

    Args:
        target: Where the output is to lie.

    Attributes:
        path: The folder.
        journal: What is done.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self.path = target.folder
        self.journal = Journal(self.path / _JOURNAL)

    @property
    def origin(self) -> dict[str, Any] | None:
        """What the work was begun with; None if nothing was begun.

        Raises:
            InputError: It is of another version of scixtag, or damaged.
        """
        path = self.path / _JOB
        if not path.is_file():
            return None
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            if (document["format"], document["format_version"]) != (FORMAT, FORMAT_VERSION):
                raise ValueError(f"format {document['format']} {document['format_version']}")
            return dict(document["origin"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{self.path}: {_JOB} cannot be read ({error!r}); remove the folder, or pass --overwrite, to start anew"
            ) from error

    def begin(self, origin: dict[str, Any]) -> None:
        """Start anew; whatever was done is gone."""
        # First what says that there is something to continue.
        for name in (_JOB, _JOURNAL):
            (self.path / name).unlink(missing_ok=True)
        self.clear()
        for name in (PARTS, REJECTS, AT):
            (self.path / name).mkdir()
        self.journal = Journal(self.path / _JOURNAL)
        self.sign(origin)

    def sign(self, origin: dict[str, Any]) -> None:
        """Say what the work is made of."""
        write_json(self.path / _JOB, {"format": FORMAT, "format_version": FORMAT_VERSION, "origin": origin})

    def clear(self) -> None:
        """Remove all but what tells how far the work is, and the lock."""
        for entry in self.path.iterdir():
            if entry.name in (_JOB, _JOURNAL, _LOCK):
                continue
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the folder."""
        self.clear()
        for name in (_JOB, _JOURNAL, _LOCK):
            (self.path / name).unlink(missing_ok=True)
        self.path.rmdir()

    def part(self, number: int) -> Path:
        """The file of a part."""
        return self.path / PARTS / self.target.part(number)

    def rejects(self, number: int) -> Path:
        """The file of a shard's rejected records."""
        return self.path / REJECTS / rejects_part(number)

    def whole(self, kind: str) -> Path:
        """The file in which parts of a kind are put together."""
        return self.path / (_WHOLE if kind == PARTS else f"{_WHOLE}.{kind}")

    @property
    def replaced(self) -> Path:
        """Where an output goes that is replaced."""
        return self.path / _WAS

    def trust(self) -> None:
        """See that the parts are there that the journal tells of; those that are not are to be made again."""
        journal = self.journal
        if journal.placing:
            return
        for kind, assembled in journal.assembled.items():
            whole = self.whole(kind)
            if not whole.is_file() or whole.stat().st_size < assembled.size:
                journal.assembled[kind] = Assembled()
        parts, rejects = (journal.assembled.get(kind, Assembled()).parts for kind in (PARTS, REJECTS))
        gone = [
            number
            for number, entry in journal.entries.items()
            if (number >= parts and _lost(self.part(number), entry.size, entry.part_checksum))
            or (
                entry.rejects_size
                and number >= rejects
                and _lost(self.rejects(number), entry.rejects_size, entry.rejects_checksum)
            )
        ]
        for number in gone:
            journal.forget(number)
        if gone:
            journal.total = None


def _lost(path: Path, size: int, checksum: int) -> bool:
    """Whether a part is not there as it was written."""
    if not path.is_file() or path.stat().st_size != size:
        return True
    found = 0
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            found = zlib.crc32(block, found)
    return found != checksum


@contextmanager
def working_in(target: Target) -> Iterator[Unfinished]:
    """The folder of a tagging, for nobody else while the context lasts.

    Raises:
        InputError: Somebody works in it, or it is not ours.
    """
    folder = target.folder
    _refuse_foreign(folder)
    folder.mkdir(parents=True, exist_ok=True)
    handle = _locked(folder)
    try:
        yield Unfinished(target)
    finally:
        os.close(handle)


def _locked(folder: Path) -> int:
    """A handle that holds the lock until it is closed, by whatever ends this process."""
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(handle)
            raise InputError(f"{folder}: another scixtag is writing this output; wait until it has ended") from error
        # Whoever had the lock may have removed the folder in the meantime, and the file with it.
        try:
            if os.path.samestat(os.fstat(handle), (folder / _LOCK).stat()):
                return handle
        except FileNotFoundError:
            pass
        os.close(handle)


def _refuse_foreign(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: a file stands where unfinished work is to be kept; move it")
    if folder.is_dir():
        names = sorted(one.name for one in folder.iterdir() if one.name not in _OURS)
        strange = [name for name in names if not name.startswith(".scixtag.")]
        if strange:
            raise InputError(
                f"{folder}: is in the way, for unfinished work is to be kept there, and it holds "
                f"{', '.join(strange[:3])}; move it, or choose another --output"
            )
