"""The manifest of a model folder: what it holds, read without the model."""

import json
from pathlib import Path
from typing import Any

from scixtag.errors import InputError, ModelError

MANIFEST = "manifest.json"
FORMAT = "scixtag-model"
FORMAT_VERSION = 1


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a model folder, after a look at every file's size.

    Raises:
        InputError: There is no such folder.
        ModelError: It is no model folder, is incomplete, or needs another scixtag.
    """
    if folder.is_file():
        raise InputError(f"{folder}: a file; MODEL is a folder, the --output of `scixtag train`")
    if not folder.is_dir():
        raise InputError(f"{folder}: no such model folder; train one with `scixtag train SOURCE --output {folder}`")
    if not (folder / MANIFEST).is_file():
        raise ModelError(f"{folder}: not a model folder (no {MANIFEST}); it should be the --output of `scixtag train`")
    try:
        manifest = read_document(folder / MANIFEST)
        if manifest["format"] != FORMAT:
            raise ModelError(f"{folder}: {MANIFEST} is not one of scixtag; is it another program's folder?")
        version, files = manifest["format_version"], manifest["files"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{folder}: {MANIFEST} cannot be read ({error!r}); train the model again") from error
    if version != FORMAT_VERSION:
        raise ModelError(
            f"{folder}: format version {version}, and this scixtag reads {FORMAT_VERSION}; "
            "train the model again, or use the scixtag that wrote it"
        )
    for name, size in files.items():
        path = folder / name
        found = path.stat().st_size if path.is_file() else None
        if found != size:
            state = "is missing" if found is None else f"has {found} bytes instead of {size}"
            raise ModelError(f"{folder}: {name} {state}; copy the folder again, or train the model again")
    return manifest


def read_document(path: Path) -> dict[str, Any]:
    """A JSON object in a file.

    Raises:
        OSError, ValueError, TypeError: There is none.
    """
    document = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict):
        raise TypeError(f"{path.name} is not a JSON object")
    return document
