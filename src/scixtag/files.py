"""Files and folders that appear whole or not at all, and the place where caches live."""

import errno
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from scixtag.errors import InputError, OutputError

CACHE_VARIABLE = "SCIXTAG_CACHE"


def cache_folder(name: str) -> Path:
    """The folder for cached files of one kind; `SCIXTAG_CACHE` moves them all."""
    import platformdirs

    root = os.environ.get(CACHE_VARIABLE) or platformdirs.user_cache_dir("scixtag")
    return Path(root) / name


def make_room(folder: Path, most_bytes: int) -> None:
    """Remove the entries of a cache, folders, that were not used for longest until the others fit."""
    entries = []
    for entry in folder.iterdir():
        with suppress(OSError):
            size = sum(file.stat().st_size for file in entry.rglob("*") if file.is_file())
            entries.append((entry.stat().st_mtime, size, entry))
    total = 0
    for _, size, entry in sorted(entries, reverse=True):
        if total + size > most_bytes:
            shutil.rmtree(entry, ignore_errors=True)
        else:
            total += size


@contextmanager
def writing(path: Path, *, binary: bool = False) -> Iterator[IO[Any]]:
    """Open a temporary file beside `path` that takes its place only when the block ends well.

    A full disk, an error or Ctrl-C leaves the old file as it was and no litter. A link keeps leading to the same file;
    a device or a named pipe is written to as it is.

    Raises:
        OutputError: The file cannot be written.
    """
    target = path.resolve()
    # A lone surrogate in somebody's text becomes its escape, which JSON reads back as it was.
    how: dict[str, Any] = {"mode": "wb"} if binary else {"mode": "w", "encoding": "utf-8", "errors": "backslashreplace"}
    with _naming(path):
        if target.exists() and not target.is_file():
            with target.open(**how) as stream:
                yield stream
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".scixtag.", dir=target.parent)
        try:
            with os.fdopen(handle, **how) as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).chmod(stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def write_json(path: Path, document: Any) -> None:
    """Write a JSON document whole or not at all."""
    with writing(path) as stream:
        json.dump(document, stream, indent=2, ensure_ascii=False)
        stream.write("\n")


JSON_MARK = b'"scixtag":'
"""Near the top of every JSON document that scixtag writes: the version that wrote it."""

_LONGEST_LOOK = 1 << 13


def check_new_file(path: Path, suffix: str, *, inputs: Collection[Path] = (), mark: bytes | None = None) -> None:
    """Refuse an output file before any slow work if it would replace somebody else's, or an input.

    Args:
        path: The output.
        suffix: What its name should end in.
        inputs: Folders that the command reads.
        mark: What stands near the top of such a file if scixtag wrote it; None where the caller looks on its own.

    Raises:
        InputError: `path` is a folder, a file whose name does not end in `suffix`, one with content but without the
            mark, or lies in one of the inputs.
    """
    for folder in inputs:
        if path.resolve().is_relative_to(folder.resolve()):
            raise InputError(f"{path}: lies in {folder}, which is read; write it to another folder")
    if path.is_dir():
        raise InputError(f"{path}: a folder; name a file in it, such as {path / f'output{suffix}'}")
    if path.is_file() and path.suffix != suffix:
        raise InputError(
            f"{path}: a file that does not end in {suffix} is not replaced; choose another name, or remove it"
        )
    if mark is not None and path.is_file() and not _holds(path, mark):
        raise InputError(
            f"{path}: a file that scixtag did not write is not replaced; choose another name, or remove it"
        )


def _holds(path: Path, mark: bytes) -> bool:
    """Whether a mark stands near the top of a file; also of an empty one, which nobody will miss."""
    try:
        with path.open("rb") as stream:
            top = stream.read(_LONGEST_LOOK)
    except OSError as error:
        raise InputError(f"{path}: stands there and cannot be read ({error.strerror}); choose another name") from error
    return not top or mark in top


Foreign = Callable[[Path], str]
"""Says why an existing folder may not be replaced; empty if it may."""


@contextmanager
def writing_folder(path: Path, *, foreign: Foreign, overwrite: bool = False) -> Iterator[Path]:
    """Yield a temporary folder beside `path` that takes its place only when the block ends well.

    Raises:
        InputError: As `check_new_folder`.
        OutputError: The folder cannot be written.
    """
    check_new_folder(path, foreign=foreign, overwrite=overwrite)
    target = path.resolve()
    with _naming(path):
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".scixtag.", dir=target.parent))
        try:
            yield draft
            draft.chmod(0o777 & ~_umask())
            _take_place(draft, target, path, overwrite=overwrite)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def check_new_folder(path: Path, *, foreign: Foreign, overwrite: bool) -> None:
    """Refuse an output folder before any slow work if it holds something that may not be replaced.

    Raises:
        InputError: `path` is a file or lies below one, or a folder with content, and `overwrite` is false or `foreign`
            objects; or nothing can be written where it should be.
    """
    if path.exists() and not path.is_dir():
        raise InputError(f"{path}: a file stands where the output folder should be; choose another one")
    there = next(parent for parent in path.resolve().parents if parent.exists())
    if not there.is_dir():
        raise InputError(f"{path}: {there} is a file and can hold no folder; choose another one")
    if not os.access(there, os.W_OK):
        raise InputError(f"{path}: nothing can be written into {there}; choose another place")
    if not path.is_dir() or not any(path.iterdir()):
        return
    if not overwrite:
        raise _exists(path)
    if reason := foreign(path):
        raise InputError(f"{path}: {reason}, so the folder is not replaced; choose another one")


def strangers(folder: Path, known: Collection[str]) -> str:
    """The first files and folders right in `folder` that are not among `known`, as words; empty if there are none."""
    names = sorted(entry.name for entry in folder.iterdir() if entry.name not in known)
    return ", ".join(names[:3])


def _exists(path: Path) -> InputError:
    return InputError(f"{path}: the folder exists; choose another --output or pass --overwrite")


def _take_place(draft: Path, target: Path, path: Path, *, overwrite: bool) -> None:
    """Put the draft where nothing stands, or only an empty folder, or what may be replaced."""
    if overwrite and target.exists():
        _replace_folder(draft, target)
        return
    try:
        draft.rename(target)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        raise _exists(path) from error  # somebody else was quicker


def _replace_folder(draft: Path, path: Path) -> None:
    old = Path(tempfile.mkdtemp(prefix=".scixtag.old.", dir=path.parent))
    try:
        path.rename(old / "was")
    except BaseException:
        old.rmdir()
        raise
    try:
        draft.rename(path)
    except BaseException:
        (old / "was").rename(path)  # if this fails as well, the old content stays in `old`
        old.rmdir()
        raise
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Name the file in question where the system does not (a full disk) or names a temporary one."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(
            f"{path}: cannot be written ({reason}); nothing was changed. Make room or choose another place"
        ) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
