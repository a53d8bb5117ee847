"""Files and folders that appear whole or not at all, and the place where caches live."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from scixtag.errors import InputError


def cache_folder(name: str) -> Path:
    """The folder for cached files of one kind; `SCIXTAG_CACHE` moves them all."""
    import platformdirs

    root = os.environ.get("SCIXTAG_CACHE") or platformdirs.user_cache_dir("scixtag")
    return Path(root) / name


@contextmanager
def writing(path: Path, *, binary: bool = False) -> Iterator[IO[Any]]:
    """Open a temporary file beside `path` that takes its place only when the block ends well.

    A full disk, an error or Ctrl-C leaves the old file as it was and no litter.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb" if binary else "w", encoding=None if binary else "utf-8") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_json(path: Path, document: Any) -> None:
    """Write a JSON document whole or not at all."""
    with writing(path) as stream:
        json.dump(document, stream, indent=2, ensure_ascii=False)
        stream.write("\n")


@contextmanager
def writing_folder(path: Path, *, marker: str, overwrite: bool = False) -> Iterator[Path]:
    """Yield a temporary folder beside `path` that takes its place only when the block ends well.

    Raises:
        InputError: as `check_new_folder`.
    """
    check_new_folder(path, marker=marker, overwrite=overwrite)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield draft
        draft.chmod(0o777 & ~_umask())
        _replace_folder(draft, path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def check_new_folder(path: Path, *, marker: str, overwrite: bool) -> None:
    """Refuse an output folder that exists, before any slow work.

    A folder that does not hold the file `marker` is somebody else's, and is never replaced.

    Raises:
        InputError: `path` is a file, or a folder with content that may not be replaced.
    """
    if path.exists() and not path.is_dir():
        raise InputError(f"{path}: a file stands where the output folder should be; choose another --output")
    if not path.is_dir() or not any(path.iterdir()):
        return
    if not overwrite:
        raise InputError(f"{path}: the folder exists; choose another --output or pass --overwrite")
    if not (path / marker).is_file():
        raise InputError(
            f"{path}: the folder holds other files and no {marker}, so it is not replaced; choose another --output"
        )


def _replace_folder(draft: Path, path: Path) -> None:
    if not path.exists():
        draft.rename(path)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{path.name}.old.", dir=path.parent))
    path.rename(old / "was")
    try:
        draft.rename(path)
    except BaseException:
        (old / "was").rename(path)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
