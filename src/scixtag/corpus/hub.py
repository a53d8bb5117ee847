"""Datasets on the Hugging Face hub, through its own cache; the only import of huggingface_hub."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from glob import escape
from pathlib import Path, PurePosixPath
from typing import Any

from scixtag import progress
from scixtag.corpus.readers.paths import READERS
from scixtag.errors import InputError, RemoteError, nearest

_CARD = "README.md"
_ORDER = ("train", "val", "test")
# Publishers have several words for one part; the first is ours.
_WORDS = {
    "train": ("train", "training"),
    "val": ("val", "validation", "valid", "dev"),
    "test": ("test", "testing"),
}
_PART_OF = {word: part for part, words in _WORDS.items() for word in words}
_SHARD = re.compile(r"(?P<split>[\w.]+?)-\d{5}-of-\d{5}\b.*")


def commit_of(name: str, revision: str | None = None) -> str:
    """The commit that a branch or tag of a dataset stands for now; without a network, when it was last looked up.

    Raises:
        RemoteError: The hub refused or did not answer, and the cache does not hold the dataset.
    """
    return _snapshot(name, revision, [_CARD]).name


_WORD = re.compile(r"[a-z]+")


def dataset_files(name: str, revision: str | None = None, split: str | None = None) -> list[Path]:
    """The local paths of a dataset's files, downloaded where the hub's cache lacks them.

    Splits are found in the dataset card, or by the names of files and folders (`data/train-00000-of-00001.parquet`,
    `val.parquet`, `test/…`). Of several formats one is read: Parquet before JSON Lines, CSV, TSV.

    Args:
        name: `owner/name`.
        revision: Branch, tag or commit; by default `main`.
        split: One split; None takes all of them, in the order train, validation, test, others.

    Raises:
        InputError: No such split, or no file that can be read.
        RemoteError: The hub refused or did not answer, and the cache does not hold the dataset.
    """
    wanted = [f"*{end}" for end in READERS] + [_CARD]
    names = _listing(name, revision, wanted)
    card = _card(_snapshot(name, revision, [_CARD])) if _CARD in names else {}
    splits = find_splits(_one_format(names), card)
    if not splits:
        raise InputError(f"hf:{name}: the dataset has no file that can be read ({', '.join(READERS)})")
    chosen = [file for files in splits.values() for file in files] if split is None else _of_split(name, splits, split)
    folder = _snapshot(name, revision, [escape(file) for file in chosen])
    missing = [file for file in chosen if not (folder / file).exists()]
    if missing:
        raise _not_cached(name, revision, f"{', '.join(missing[:3])} of it is not in the cache")
    return [folder / file for file in chosen]


def find_splits(names: Iterable[str], card: Mapping[str, Any]) -> dict[str, list[str]]:
    """The files of each split, splits and files in order.

    Args:
        names: Paths in the repository.
        card: The metadata of its card; only `configs` is used.
    """
    ordered = sorted(names)
    splits: dict[str, list[str]] = {}
    for split, patterns in _card_patterns(card):
        files = [name for name in ordered if any(fnmatchcase(name, pattern) for pattern in patterns)]
        if files:
            splits[split] = files
    if not splits:
        for name in ordered:
            splits.setdefault(_split_of(name), []).append(name)
    return dict(sorted(splits.items(), key=lambda item: _rank(item[0])))


def _rank(split: str) -> tuple[int, str]:
    part = _PART_OF.get(split, split)
    return (_ORDER.index(part) if part in _ORDER else len(_ORDER), split)


def _split_of(name: str) -> str:
    """The split that a path names; a file that names none is training data, as on the hub."""
    path = PurePosixPath(name.lower())
    for part in (path.name.partition(".")[0], *reversed(path.parts[:-1])):
        words: list[str] = _WORD.findall(part)
        for word in words:
            if word in _PART_OF:
                return word
    shard = _SHARD.fullmatch(path.name)
    return str(shard["split"]) if shard and shard["split"] not in ("data", "part") else "train"


def _card_patterns(card: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Splits and their patterns, from `configs` of a dataset card: of the default configuration, or of the only one."""
    configs = [config for config in card.get("configs") or [] if isinstance(config, dict)]
    default = [c for c in configs if c.get("default") or c.get("config_name") == "default"] or configs[:1]
    data_files = default[0].get("data_files") if default else None
    if isinstance(data_files, str):
        data_files = [data_files]
    for entry in data_files or []:
        if isinstance(entry, dict) and "path" in entry:
            paths = entry["path"]
            yield str(entry.get("split", "train")), [paths] if isinstance(paths, str) else list(paths)
        elif isinstance(entry, str):
            yield "train", [entry]


def _of_split(name: str, splits: Mapping[str, list[str]], split: str) -> list[str]:
    if split in splits:
        return splits[split]
    same = [found for found in splits if _PART_OF.get(found, found) == _PART_OF.get(split.lower())]
    if same:
        return splits[same[0]]
    raise InputError(f"hf:{name}:{split}: the dataset has no such split; {nearest(split, splits)}")


def _one_format(names: Iterable[str]) -> list[str]:
    by_format: dict[str, list[str]] = {}
    for name in names:
        end = next((end for end in READERS if name.lower().endswith(end)), None)
        if end is not None and not any(part.startswith(".") for part in PurePosixPath(name).parts):
            by_format.setdefault(end.removesuffix(".gz"), []).append(name)
    formats = [end for end in READERS if end in by_format]
    if len(formats) > 1:
        progress.note(f"the dataset comes in several formats; {formats[0]} is read, {', '.join(formats[1:])} is not")
    return by_format[formats[0]] if formats else []


def _listing(name: str, revision: str | None, patterns: list[str]) -> list[str]:
    """The files of the dataset: on the hub or, where it cannot be reached, in the cache."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import DryRunError

    try:
        with _telling(name, revision):
            plan = snapshot_download(
                name, repo_type="dataset", revision=revision, allow_patterns=patterns, dry_run=True
            )
    except DryRunError:
        folder = _snapshot(name, revision, [])
        return [file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()]
    return [file.filename for file in plan]


def _snapshot(name: str, revision: str | None, patterns: list[str]) -> Path:
    """The folder of the dataset in the cache, with the files that match."""
    from huggingface_hub import snapshot_download

    with _telling(name, revision):
        return Path(snapshot_download(name, repo_type="dataset", revision=revision, allow_patterns=patterns))


def _card(folder: Path) -> dict[str, Any]:
    """The metadata of a dataset's card; a damaged one counts as none."""
    from huggingface_hub.repocard import metadata_load
    from yaml import YAMLError  # type: ignore[import-untyped]

    try:
        return metadata_load(folder / _CARD) or {}
    except (YAMLError, ValueError, OSError):
        return {}


@contextmanager
def _telling(name: str, revision: str | None) -> Iterator[None]:
    """Say what went wrong between the hub and us, and what to do."""
    from huggingface_hub import errors

    # The base is httpx's error in huggingface_hub 1, httpx2's in 2.
    http_error: type[BaseException] = errors.HfHubHTTPError.__mro__[1]
    page = f"https://huggingface.co/datasets/{name}"
    try:
        yield
    except errors.DryRunError:
        raise
    except errors.HFValidationError as error:
        raise InputError(f"hf:{name}: not a name of a dataset ({error}); write hf:OWNER/NAME") from error
    except errors.GatedRepoError as error:
        raise RemoteError(f"hf:{name}: the dataset has terms; accept them at {page} and run `hf auth login`") from error
    except errors.RepositoryNotFoundError as error:
        raise RemoteError(
            f"hf:{name}: no such dataset, or a private one; check the name at {page} or run `hf auth login`"
        ) from error
    except errors.RevisionNotFoundError as error:
        raise RemoteError(f"hf:{name}@{revision}: the dataset has no such revision; see {page}/tree/main") from error
    except errors.LocalEntryNotFoundError as error:
        raise _not_cached(name, revision, "the hub cannot be reached and the cache lacks it") from error
    except (http_error, OSError) as error:
        raise _not_cached(name, revision, f"the hub did not answer as expected ({error})") from error


def _not_cached(name: str, revision: str | None, what: str) -> RemoteError:
    command = f"hf download {name} --repo-type dataset" + (f" --revision {revision}" if revision else "")
    return RemoteError(
        f"hf:{name}: {what}; fetch it while online (`{command}`, with HF_HUB_OFFLINE unset), "
        "or pass a local file or folder as SOURCE"
    )
