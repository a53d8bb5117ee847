"""What unfinished work was made of: input, model, options. Only the same is continued."""

import hashlib
from pathlib import Path
from typing import Any

from scixtag import __version__
from scixtag.corpus.supply import Supply
from scixtag.workflows.manifest import MANIFEST
from scixtag.workflows.tagging.order import Order

_SHOWN = 5


def origin_of(order: Order, supply: Supply, manifest: dict[str, Any]) -> dict[str, Any]:
    """Input, model and options as plain values.

    Of a file, name, size and time of change are told; the names of a folder's files are those in it.
    """
    about = manifest["model"]["name"], str(manifest.get("created", ""))
    return {
        "scixtag": __version__,
        "model": {
            "name": " ".join(filter(None, about)),
            "manifest": hashlib.sha256((order.model / MANIFEST).read_bytes()).hexdigest(),
        },
        "options": order.options(),
        "part": supply.part,
        "files": [_fingerprint(path, supply.files) for path in supply.files],
    }


def changes(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What differs, in words; empty if nothing that matters does. Times of change alone do not."""
    told = []
    if before["scixtag"] != now["scixtag"]:
        told.append(f"it was begun by scixtag {before['scixtag']}, and this is {now['scixtag']}")
    if before["model"]["manifest"] != now["model"]["manifest"]:
        told.append(f"the model is another one: {before['model']['name']} before, {now['model']['name']} now")
    old, new = before["options"], now["options"]
    told += [
        f"{name} was {_said(old.get(name))} and is {_said(new.get(name))}"
        for name in [*old, *(name for name in new if name not in old)]
        if old.get(name) != new.get(name)
    ]
    if before["part"] != now["part"]:
        told.append(f"INPUT was {_said(before['part'] or None)} of the sample and is {_said(now['part'] or None)}")
    return told + _changed_files(before["files"], now["files"])


def touched(before: dict[str, Any], now: dict[str, Any]) -> bool:
    """Whether a file was written to, as far as its time of change tells."""
    return bool(before["files"] != now["files"])


def _fingerprint(path: Path, files: list[Path]) -> dict[str, Any]:
    status = path.stat()
    alone = len({one.parent for one in files}) == 1
    name = path.name if alone else f"{path.parent.name}/{path.name}"
    return {"name": name, "size": status.st_size, "mtime_ns": status.st_mtime_ns}


def _changed_files(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> list[str]:
    old = {file["name"]: file["size"] for file in before}
    new = {file["name"]: file["size"] for file in now}
    groups = {
        "added": [name for name in new if name not in old],
        "removed": [name for name in old if name not in new],
        "changed": [
            f"{name} ({old[name]:,} bytes before, {new[name]:,} now)"
            for name in new
            if name in old and new[name] != old[name]
        ],
    }
    if not any(groups.values()) and list(old) != list(new):
        groups["in another order"] = [next(b for a, b in zip(old, new, strict=True) if a != b)]
    return [f"input {what}: {_listed(names)}" for what, names in groups.items() if names]


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _said(value: Any) -> str:
    return "not given" if value is None else str(value)
