"""An unfinished training: the folder beside the output that keeps its checkpoints, and says whose they are."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scixtag import __version__, processes, progress, workspace
from scixtag.corpus.examples import Examples, fingerprint
from scixtag.errors import ConfigError, DivergedError, InputError
from scixtag.files import write_json
from scixtag.workflows.settings import TrainingSettings

MARK = "scixtag-training.json"
FORMAT = "scixtag-training"

_CHECKPOINTS = "checkpoint_steps"
"""A model with this setting, or with a member that has it, keeps checkpoints."""
_LOG = ".jsonl"
"""Nothing can be continued from a log."""
_FREE = frozenset({"accumulation", "device", "gradient_checkpointing", _CHECKPOINTS, "logging_steps", "tensorboard"})
"""Settings of a model that may change on the way, for they change how the work is done and not what comes out."""


def folder_beside(output: Path) -> Path:
    """Where the training of a model folder keeps its checkpoints."""
    named = output if output.name not in ("", "..") else output.resolve()
    return named.with_name(f"{named.name}.training")


@contextmanager
def kept_beside(output: Path, *, resume: bool, overwrite: bool) -> Iterator[None]:
    """Keep checkpoints of the enclosed training beside its output until it has ended well.

    Args:
        output: The model folder to write.
        resume: Continue with what an earlier training kept.
        overwrite: What an earlier training kept may be replaced.

    Raises:
        InputError: There are checkpoints, and nobody said what to do with them; or other files stand there.
    """
    folder = folder_beside(output)
    found = _checked(folder, resume=resume, overwrite=overwrite)
    try:
        with workspace.working_in(folder, resume=resume and found):
            yield
    except BaseException as error:
        if not _holds_checkpoints(folder):
            _remove(folder)
        elif processes.is_main() and not isinstance(error, InputError | ConfigError | DivergedError):
            # Not after an error of the command itself: the same command would meet it again.
            error.add_note(f"{folder} keeps what was trained so far: the same command with --resume continues it")
        raise
    _remove(folder)


def begin(gold: Examples, settings: TrainingSettings) -> None:
    """Say in the workspace what it is a training of, or see that it is the same one.

    Without a workspace, or with a model that keeps nothing, nothing happens.

    Raises:
        ConfigError: The workspace holds checkpoints of other settings, papers or concepts; the message names them.
    """
    place = workspace.current()
    names = _flat(settings.to_document()["model"])
    if place is None or not any(_last(name) == _CHECKPOINTS for name in names):
        return
    document = _document(gold, settings)
    if place.resume:
        _refuse_other(place.folder, _read(place.folder), document)
    elif processes.is_main():
        _remove(place.folder)
        write_json(place.folder / MARK, document)


def _checked(folder: Path, *, resume: bool, overwrite: bool) -> bool:
    """Whether there is something to resume, after a look at whether the folder may be used."""
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / MARK).is_file())):
        raise InputError(f"{folder}: in the way of this training's checkpoints; move it, or choose another --output")
    found = _holds_checkpoints(folder)
    if not processes.is_main():
        return found
    if found and not resume and not overwrite:
        raise InputError(
            f"{folder}: keeps the checkpoints of an unfinished training; pass --resume to continue it, "
            "or remove the folder (or pass --overwrite) to start anew"
        )
    if resume and not found:
        progress.note(f"{folder}: nothing to resume; training starts from the beginning")
    return found


def _holds_checkpoints(folder: Path) -> bool:
    kept = (file for file in folder.rglob("*") if file.is_file() and file.name != MARK and file.suffix != _LOG)
    return (folder / MARK).is_file() and any(kept)


def _remove(folder: Path) -> None:
    if processes.is_main() and (folder / MARK).is_file():
        shutil.rmtree(folder, ignore_errors=True)


def _document(gold: Examples, settings: TrainingSettings) -> dict[str, Any]:
    vocabulary = gold.vocabulary
    return {
        "format": FORMAT,
        "scixtag": __version__,
        "settings": settings.to_document(),
        "papers": {"count": len(gold), "fingerprint": fingerprint(gold)},
        "vocabulary": {
            "title": vocabulary.title,
            "release": vocabulary.release,
            "fingerprint": vocabulary.fingerprint,
        },
    }


def _read(folder: Path) -> dict[str, Any]:
    try:
        document = json.loads((folder / MARK).read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise ValueError(f"format {document['format']}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder}: {MARK} cannot be read ({error!r}); remove the folder and start anew") from error
    return dict(document)


def _refuse_other(folder: Path, before: dict[str, Any], now: dict[str, Any]) -> None:
    changes = _changed_settings(before["settings"], now["settings"])
    for what, words in (("papers", "the papers are others"), ("vocabulary", "the vocabulary is another")):
        if before[what]["fingerprint"] != now[what]["fingerprint"]:
            changes.append(f"{words}: {_told(before[what])} before, {_told(now[what])} now")
    if changes:
        raise ConfigError(
            f"{folder}: the checkpoints are of another training. {'; '.join(changes)}. Continue with what it began "
            "with, or start anew: remove the folder, or pass --overwrite without --resume"
        )


def _changed_settings(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    old, new = _flat(before), _flat(json.loads(json.dumps(now)))
    names = [name for name in [*old, *(n for n in new if n not in old)] if not _is_free(name)]
    return [
        f"{name} was {old.get(name, 'not set')} and is now {new.get(name, 'not set')}"
        for name in names
        if old.get(name) != new.get(name)
    ]


def _is_free(name: str) -> bool:
    """Whether a setting, of the model or of a member of it, may change on the way."""
    return name.startswith("model.") and _last(name) in _FREE


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _flat(document: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings by their dotted names, as `--set` takes them."""
    flat: dict[str, Any] = {}
    for key, value in document.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat


def _told(facts: dict[str, Any]) -> str:
    return " ".join(str(value) for value in facts.values() if value not in (None, ""))
