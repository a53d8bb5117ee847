"""Where long work keeps what it has so far, so that it can be continued.

A model that trains for hours asks `current` where to put its checkpoints; the command line decides whether there is
such a place by installing one with `working_in`. Nobody passes a folder down through ten calls, and without a
workspace nothing is kept.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Workspace:
    """A place for intermediate state.

    Attributes:
        folder: Whoever keeps something makes it; it may not exist yet.
        resume: What stands there is of the same work, and is to be continued.
    """

    folder: Path
    resume: bool


_workspace: ContextVar[Workspace | None] = ContextVar("workspace", default=None)


def current() -> Workspace | None:
    """Where the work at hand may keep something; None: nowhere."""
    return _workspace.get()


@contextmanager
def working_in(folder: Path, *, resume: bool) -> Iterator[None]:
    """Let the enclosed work keep intermediate state below `folder`, and take up what is there if `resume`."""
    token = _workspace.set(Workspace(folder, resume))
    try:
        yield
    finally:
        _workspace.reset(token)


@contextmanager
def part(name: str) -> Iterator[None]:
    """Give a piece of the work its own sub-folder, such as "fold-1"; names are told apart by who calls."""
    whole = current()
    if whole is None:
        yield
        return
    with working_in(whole.folder / name, resume=whole.resume):
        yield
