"""Load a vocabulary from any known file or release, checked and cached."""

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from scixtag.errors import InputError, OutputError
from scixtag.files import cache_folder, write_json
from scixtag.vocabulary.concept import Vocabulary

CACHE_FORMAT = 1
"""Part of every cache key; raise it when a reader gives other results for the same file."""

FORMATS = (
    "SKOS as RDF/XML (.rdf .xml .owl), Turtle (.ttl), N-Triples (.nt) or JSON-LD (.jsonld .json); "
    "UAT_list.json of the UAT; a vocabulary saved by scixtag (.json); Annif's TSV (.tsv); or a release (uat, uat:5.1.0)"
)

_SYNTAXES = {".rdf": "xml", ".xml": "xml", ".owl": "xml", ".ttl": "turtle", ".nt": "nt", ".jsonld": "json-ld"}


def load_vocabulary(path: Path | str, language: str = "en") -> Vocabulary:
    """Load a vocabulary and check its hierarchy.

    The result is cached by content, so that a large RDF file is parsed once. A cache that cannot be read or written
    costs time and nothing else.

    Args:
        path: A file in one of `FORMATS`, or the name of a UAT release: `uat` or `uat:5.1.0`.
        language: The language of names, where the file has several.

    Raises:
        InputError: No such file, an unknown format, a damaged or empty file, or a cycle in the hierarchy.
        RemoteError: A release could not be downloaded.
    """
    from scixtag.vocabulary.releases import get_release, is_release, known_version, release_version

    version = ""
    if isinstance(path, str) and is_release(path):
        version = release_version(path)
        path = get_release(path)
    path = Path(path)
    content = _content(path)
    entry = _cache_entry(path, content, language)
    vocabulary = _cached(entry)
    if vocabulary is None:
        vocabulary = _checked(_read(path, content, language), path)
        with suppress(OutputError):
            write_json(entry, vocabulary.to_document())
    release = vocabulary.release or version or known_version(hashlib.sha256(content).hexdigest())
    return Vocabulary(vocabulary, vocabulary.title, release)


def _content(path: Path) -> bytes:
    if path.is_dir():
        raise InputError(f"{path}: a folder, not a vocabulary; give one of its files. Formats: {FORMATS}")
    if path.suffix.lower() not in {*_SYNTAXES, ".json", ".tsv"}:
        what = f"files ending in '{path.suffix}' are not known" if path.exists() else "no such file"
        raise InputError(f"{path}: {what}. Formats: {FORMATS}")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}). Formats: {FORMATS}") from error
    if not content.strip():
        raise InputError(f"{path}: the file is empty. Formats: {FORMATS}")
    return content


def _cache_entry(path: Path, content: bytes, language: str) -> Path:
    key = hashlib.sha256(f"{CACHE_FORMAT} {language} {path.suffix.lower()}\n".encode())
    key.update(content)
    return cache_folder("vocabularies") / f"{key.hexdigest()}.json"


def _cached(entry: Path) -> Vocabulary | None:
    try:
        return Vocabulary.from_document(json.loads(entry.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, InputError):
        return None


def _read(path: Path, content: bytes, language: str) -> Vocabulary:
    suffix = path.suffix.lower()
    if suffix == ".tsv":
        from scixtag.vocabulary.annif_tsv import read_annif_tsv

        return read_annif_tsv(path)
    if suffix == ".json":
        return _read_json(path, content, language)
    from scixtag.vocabulary.skos import read_skos

    return read_skos(path, _SYNTAXES[suffix], language)


def _read_json(path: Path, content: bytes, language: str) -> Vocabulary:
    """Three kinds of JSON: the document that `Vocabulary.to_document` gives, JSON-LD, and the list of the UAT."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not valid JSON ({error}); is the file whole?") from error
    entries = document if isinstance(document, list) else [document]
    keys = {key for entry in entries if isinstance(entry, dict) for key in entry}
    if keys & {"@context", "@graph", "@id"}:
        from scixtag.vocabulary.skos import read_skos

        return read_skos(path, "json-ld", language)
    if isinstance(document, dict) and "concepts" in document:
        return _from_document(path, document)
    if isinstance(document, list) and {"uri", "name"} <= keys:
        from scixtag.vocabulary.uat_json import read_uat_json

        return read_uat_json(path)
    raise InputError(f"{path}: JSON, but none of the known kinds (of the UAT, take UAT_list.json). Formats: {FORMATS}")


def _from_document(path: Path, document: dict[str, Any]) -> Vocabulary:
    try:
        return Vocabulary.from_document({"title": "", "release": "", **document})
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: not a vocabulary saved by scixtag ({error!r}); save it again") from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _checked(vocabulary: Vocabulary, path: Path) -> Vocabulary:
    from scixtag.vocabulary.hierarchy import Hierarchy

    try:
        Hierarchy(vocabulary)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    for concept in vocabulary:
        for other in (*concept.related, *concept.successors):
            if vocabulary.resolve(other) is None:
                raise InputError(f"{path}: concept {concept.id} refers to {other}, which is not in the file")
    return vocabulary
