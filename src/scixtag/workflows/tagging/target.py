"""Where the tags of many papers go, and in which form."""

import gzip
import json
import os
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from scixtag.corpus.sample import is_sample
from scixtag.errors import InputError
from scixtag.files import check_new_file, check_new_folder

FileFormat = Literal["jsonl", "parquet"]
Rows = Literal["paper", "suggestion"]

_FILES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
_LONGEST_LOOK = 1 << 24
_PART = re.compile(r"part-\d{6,}\.(?:jsonl|jsonl\.gz|parquet)")


@dataclass(frozen=True)
class Target:
    """One file, or a folder of parts.

    Attributes:
        output: As the user named it.
        parts: It is a folder.
        file_format: Of the file, or of its parts.
        rows: What a row is.
        rejects: The file for records that could not be tagged.
    """

    output: Path
    parts: bool
    file_format: FileFormat
    rows: Rows
    rejects: Path

    @property
    def place(self) -> Path:
        """Where it is to lie; a link keeps leading to the same file."""
        return self.output.resolve()

    @property
    def folder(self) -> Path:
        """Where everything lies until it is complete."""
        return self.place.with_name(f"{self.place.name}.tagging")

    @property
    def gzipped(self) -> bool:
        """Whether it is packed."""
        return not self.parts and self.output.name.endswith(".gz")

    def part(self, number: int) -> str:
        """The name of a part."""
        return f"part-{number:06d}.{self.file_format}{'.gz' if self.gzipped else ''}"


def target_of(output: str, file_format: FileFormat | None, rows: Rows, rejects: Path | None) -> Target:
    """What OUT means: a name that ends in `.jsonl` or `.jsonl.gz` is a file, another one a folder.

    Raises:
        InputError: The name and the format contradict each other.
    """
    path = Path(output)
    beside = path if path.name not in ("", "..") else path.resolve()
    if not beside.name:
        raise InputError(f"{output}: no name for an output; name a file in it, or a folder")
    stem = next((beside.name.removesuffix(end) for end in _FILES[::-1] if beside.name.endswith(end)), beside.name)
    rejected = rejects or beside.with_name(f"{beside.name}.rejects.jsonl")
    if not output.endswith("/") and path.name.endswith(_FILES):
        if file_format == "parquet":
            raise InputError(f"{output}: --format parquet writes a folder of files; name a folder, such as {stem}/")
        return Target(path, False, "jsonl", rows, rejected)
    if path.is_file() or (path.suffix and file_format is None and not output.endswith("/") and not path.is_dir()):
        raise InputError(
            f"{output}: a file that does not end in .jsonl or .jsonl.gz is not replaced and not written; choose such "
            f"a name, or a folder for several files, such as {path.stem}/ (--format parquet or jsonl)"
        )
    return Target(path, True, file_format or "parquet", rows, rejected)


def check_target(target: Target, source: str, files: list[Path], *, overwrite: bool) -> None:
    """Refuse an output that would replace something else, or the input, before any slow work.

    Raises:
        InputError: It would.
    """
    read = Path(source).resolve()
    on_disk = read.exists() and not is_sample(source)
    for path in (target.place, target.rejects.resolve()):
        if on_disk and (path == read or read in path.parents or path in read.parents):
            which = "--output" if path == target.place else "--rejects"
            raise InputError(f"{path}: {which} is the input, or would become part of it; choose another place")
        if path in files:
            raise InputError(f"{path}: is the input; choose another place")
    if target.rejects.resolve() in (target.place, target.folder) or target.place in target.rejects.resolve().parents:
        raise InputError(f"{target.rejects}: --rejects is the output, or lies in it; choose another place")
    check_rejects(target.rejects)
    if target.parts:
        check_new_folder(target.output, foreign=foreign_parts, overwrite=overwrite)
    else:
        check_new_file(target.output, target.output.suffix)
        if _is_foreign(target.place, {"id", "suggestions"}, {"id", "rank"}):
            raise InputError(
                f"{target.output}: a file that no tagging wrote is not replaced; choose another name, or remove it"
            )


def is_foreign_rejects(path: Path) -> bool:
    """Whether a file is there that does not hold rejected records."""
    return _is_foreign(path, {"file", "row", "reason"})


def check_rejects(path: Path) -> None:
    """Refuse a file for rejected records before any slow work.

    Raises:
        InputError: Its name is of another kind, it cannot be written there, or it holds something else.
    """
    if not path.name.endswith(".jsonl"):
        raise InputError(f"--rejects {path}: name a file that ends in .jsonl, for that is what is written")
    check_new_file(path, ".jsonl")
    there = next(parent for parent in path.resolve().parents if parent.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise InputError(f"--rejects {path}: nothing can be written into {there}; choose another place")
    if is_foreign_rejects(path):
        raise InputError(
            f"{path}: a file without rejected records is not replaced by such; name another one with --rejects"
        )


def _is_foreign(path: Path, *known: set[str]) -> bool:
    """Whether a file has content, and its first line none of these sets of keys."""
    if not path.is_file() or not path.stat().st_size:
        return False
    opened = gzip.open if path.name.endswith(".gz") else open
    try:
        with opened(path, "rb") as stream:
            line = json.loads(stream.readline(_LONGEST_LOOK) or b"{}")
    except (OSError, EOFError, ValueError, zlib.error):
        return True
    return line != {} and not (isinstance(line, dict) and any(keys <= line.keys() for keys in known))


def foreign_parts(folder: Path) -> str:
    """Why a folder may not be replaced by parts; empty if it may."""
    strange = sorted(one.name for one in folder.iterdir() if not _PART.fullmatch(one.name))
    return f"it holds {', '.join(strange[:3])}, which no tagging wrote" if strange else ""


def rejects_part(number: int) -> str:
    """The name of the file with the rejected records of a shard."""
    return f"rejects-{number:06d}.jsonl"
