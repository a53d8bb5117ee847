"""Vectors of texts, kept in a small database in the user's cache."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scixtag import processes
from scixtag.files import cache_folder

Vector = npt.NDArray[np.float32]

MOST_VECTORS = 200_000
"""Of one encoder; beyond, those that were read first are removed."""

_KEYS_AT_ONCE = 500
_SECONDS_TO_WAIT = 30


class VectorCache:
    """Vectors by a hash of their text; a file for each encoder.

    Whatever goes wrong, a cache costs time and nothing else: what cannot be read counts as absent, and what cannot be
    written is left out.

    Args:
        file: The database; None: nothing is kept.
        width: Of a vector.
    """

    def __init__(self, file: Path | None, width: int) -> None:
        self._file, self._width = file, width

    @classmethod
    def of_user(cls, encoder: str, width: int) -> "VectorCache":
        """In the user's cache folder, which `SCIXTAG_CACHE` moves.

        Off where several processes train together: they must read the same texts in the same batches.

        Args:
            encoder: A hash of all that the vectors depend on beside the text.
            width: Of a vector.
        """
        if processes.count() > 1:
            return cls.off(width)
        return cls(cache_folder("vectors") / f"{encoder}.sqlite", width)

    @classmethod
    def off(cls, width: int) -> "VectorCache":
        """Keeps nothing."""
        return cls(None, width)

    def vectors(self, keys: Sequence[bytes]) -> dict[bytes, Vector]:
        """Those of the vectors that are there."""
        found: dict[bytes, Vector] = {}

        def look_up(database: sqlite3.Connection) -> None:
            for start in range(0, len(keys), _KEYS_AT_ONCE):
                some = keys[start : start + _KEYS_AT_ONCE]
                marks = ",".join("?" * len(some))
                rows = database.execute(f"SELECT text, vector FROM vectors WHERE text IN ({marks})", some)
                found.update((key, np.frombuffer(stored, np.float32)) for key, stored in rows if self._fits(stored))

        self._try(look_up)
        return found

    def _fits(self, stored: bytes) -> bool:
        return len(stored) == self._width * np.dtype(np.float32).itemsize

    def keep(self, vectors: Mapping[bytes, Vector]) -> None:
        """Keep vectors; all of them or none."""
        rows = [(key, vector.astype(np.float32).tobytes()) for key, vector in vectors.items()]

        def write(database: sqlite3.Connection) -> None:
            with database:
                database.executemany("INSERT OR REPLACE INTO vectors (text, vector) VALUES (?, ?)", rows)
                oldest = "SELECT rowid FROM vectors ORDER BY rowid DESC LIMIT -1 OFFSET ?"
                database.execute(f"DELETE FROM vectors WHERE rowid IN ({oldest})", [MOST_VECTORS])

        self._try(write)

    def _try(self, use: Callable[[sqlite3.Connection], None]) -> None:
        """Open the database and use it; quietly give up where that fails."""
        if self._file is None:
            return
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with closing(sqlite3.connect(self._file, timeout=_SECONDS_TO_WAIT)) as database:
                if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'vectors'").fetchone():
                    database.execute("CREATE TABLE IF NOT EXISTS vectors (text BLOB UNIQUE, vector BLOB)")
                use(database)
        except sqlite3.OperationalError:
            pass  # it is locked, the disk is full, or nothing may be written
        except sqlite3.DatabaseError:
            # It is damaged, and would be for ever.
            with suppress(OSError):
                self._file.unlink()
