"""From finished parts to the output, in steps that can be repeated after a crash at any moment."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from scixtag import progress
from scixtag.workflows.tagging.folder import Unfinished
from scixtag.workflows.tagging.journal import Assembled
from scixtag.workflows.tagging.shard import PARTS, REJECTS, sync_folder
from scixtag.workflows.tagging.target import is_foreign_rejects

_AT_ONCE = 1 << 26
"""Bytes that are appended before they are seen to be on the disk; so many lie there twice, at most."""


def assemble(work: Unfinished) -> None:
    """Put parts together, and the output in its place; then remove the folder."""
    journal = work.journal
    if not journal.placing:
        total = journal.total or 0
        _append(work, REJECTS, [n for n in range(total) if journal.entries[n].rejects_size], lambda _: None)
        if not work.target.parts:
            with progress.stage("putting the parts together", total) as advance:
                _append(work, PARTS, list(range(total)), advance)
        journal.place()
    _place(work)
    work.remove()


def _append(work: Unfinished, kind: str, numbers: list[int], advance: Callable[[int], None]) -> None:
    """Append the parts of a kind to one file.

    What is appended is recorded only when it is on the disk, and removed only when that is recorded; what the file
    holds beyond the record is cut off.
    """
    done = work.journal.assembled.get(kind, Assembled())
    path_of = work.part if kind == PARTS else work.rejects
    if not numbers and kind == REJECTS:
        return
    with work.whole(kind).open("ab") as whole:
        whole.truncate(done.size)
        size, recorded = done.size, done.size
        waiting: list[Path] = []
        for number in numbers:
            path = path_of(number)
            if number < done.parts:
                path.unlink(missing_ok=True)
                continue
            with path.open("rb") as part:
                shutil.copyfileobj(part, whole, _AT_ONCE)
            size = whole.tell()
            waiting.append(path)
            if size - recorded >= _AT_ONCE or number == numbers[-1]:
                whole.flush()
                os.fsync(whole.fileno())
                work.journal.put_together(kind, Assembled(number + 1, size))
                recorded = size
                for one in waiting:
                    one.unlink()
                advance(len(waiting))
                waiting = []


def _place(work: Unfinished) -> None:
    """Output and rejected records to their places; what is there already is left."""
    target = work.target
    rejected = work.whole(REJECTS)
    if rejected.exists():
        target.rejects.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(rejected, target.rejects.resolve())
    elif not any(one.rejects_size for one in work.journal.entries.values()) and not is_foreign_rejects(target.rejects):
        # Those of an earlier output would be taken for those of this one.
        target.rejects.unlink(missing_ok=True)
    made = work.path / PARTS if target.parts else work.whole(PARTS)
    if made.exists():
        if target.parts:
            for draft in made.glob(".*"):
                draft.unlink()
            if target.place.exists():
                target.place.rename(work.replaced)
        made.rename(target.place)
    sync_folder(target.place.parent)
