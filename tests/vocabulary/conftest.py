from collections.abc import Iterator
from pathlib import Path

import pytest

from scixtag import progress


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has a cache of its own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("SCIXTAG_CACHE", str(folder))
    return folder


class Notes(list[str]):
    def start(self, name: str, total: int | None) -> int:
        return 0

    def advance(self, handle: int, steps: int, detail: str) -> None: ...

    def finish(self, handle: int, *, complete: bool) -> None: ...

    def note(self, message: str) -> None:
        self.append(message)


@pytest.fixture
def notes() -> Iterator[list[str]]:
    """What the work under test told its watcher."""
    heard = Notes()
    with progress.reporting_to(heard):
        yield heard
