"""Read the JSON list of the Unified Astronomy Thesaurus (`UAT_list.json`)."""

import json
from pathlib import Path
from typing import Any

from scixtag.errors import InputError
from scixtag.vocabulary.concept import Vocabulary
from scixtag.vocabulary.description import Description, build_vocabulary

TITLE = "The Unified Astronomy Thesaurus"
"""As the RDF/XML file of the thesaurus names itself; the JSON list has no title."""


def read_uat_json(path: Path) -> Vocabulary:
    """The vocabulary in a list of concepts with `uri`, `name`, `broader`, `altNames`, `status`, `useInstead` and so on.

    Raises:
        InputError: Not JSON, not a list of concepts, a field of the wrong kind, or a URI twice.
    """
    descriptions: dict[str, Description] = {}
    narrower: list[tuple[str, str]] = []
    for number, entry in enumerate(_entries(path), start=1):
        where = f"{path} entry {number}"
        uri = _text(entry, "uri", where)
        if uri in descriptions:
            raise InputError(f"{where}: {uri} is listed twice; remove one of the two")
        descriptions[uri] = _description(entry, where)
        narrower += [(uri, child) for child in _uris(entry, "narrower", where)]
    for uri, child in narrower:
        if child in descriptions:
            descriptions[child].broader.add(uri)
    return build_vocabulary(descriptions, TITLE)


def _entries(path: Path) -> list[dict[str, Any]]:
    try:
        entries = json.loads(path.read_bytes())
    except ValueError as error:
        raise InputError(f"{path}: not valid JSON ({error}); download the file again") from error
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise InputError(f"{path}: not a list of concepts; the file of this kind is UAT_list.json of the UAT")
    return entries


def _description(entry: dict[str, Any], where: str) -> Description:
    if not _text(entry, "uri", where):
        raise InputError(f"{where}: no 'uri'; every concept needs one")
    return Description(
        name=_text(entry, "name", where),
        alternatives=_texts(entry, "altNames", where),
        definition=_text(entry, "definition", where) or _text(entry, "scopeNotes", where),
        broader=set(_uris(entry, "broader", where)),
        related=set(_uris(entry, "related", where)),
        deprecated=_text(entry, "status", where) == "deprecated",
        successors=set(_texts(entry, "useInstead", where)),
    )


def _text(entry: dict[str, Any], key: str, where: str) -> str:
    value = entry.get(key) or ""
    if not isinstance(value, str):
        raise InputError(f"{where}: '{key}' should be a text, but is {value!r:.60}")
    return value.strip()


def _texts(entry: dict[str, Any], key: str, where: str) -> list[str]:
    values = entry.get(key) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise InputError(f"{where}: '{key}' should be a list of texts, but is {values!r:.60}")
    return [value.strip() for value in values]


def _uris(entry: dict[str, Any], key: str, where: str) -> list[str]:
    """The URIs of a list of `{"name": …, "uri": …}`."""
    links = entry.get(key) or []
    if not isinstance(links, list) or not all(isinstance(link, dict) and link.get("uri") for link in links):
        raise InputError(f"{where}: '{key}' should be a list of concepts with 'uri', but is {links!r:.60}")
    return [_text(link, "uri", f"{where} {key}") for link in links]
