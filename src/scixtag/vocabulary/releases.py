"""Releases of the Unified Astronomy Thesaurus: get, pin and cache one; follow deprecations; compare two."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scixtag import progress
from scixtag.errors import InputError, OutputError, RemoteError, nearest
from scixtag.files import cache_folder, writing
from scixtag.vocabulary.concept import Concept, ConceptId, Vocabulary

PREFERRED = "UAT_list.json"
"""The file of a release that is read: the JSON list needs no RDF parser."""


@dataclass(frozen=True)
class Release:
    """Where a release stands in the repository of the thesaurus.

    Attributes:
        revision: The git commit or tag.
        checksums: File name to SHA-256; empty where nobody has verified it.
    """

    revision: str
    checksums: Mapping[str, str] = field(default_factory=dict)


RELEASES: Mapping[str, Release] = {
    "5.1.0": Release(
        # The commit rather than the tag, for a tag can be moved.
        "5a56497c4482c9e7a0f0878e89019295112c60bd",
        {
            "UAT_list.json": "48df0beca9e89fabbcb1f073657e42140cf0c4d382a7cdc38be5c99f970d71a5",
            "UAT.rdf": "57e3f8b80b5519a7ed034bee8b6a9df19fb1e2d358388cbb46f7e89efc054a35",
        },
    ),
    "6.0.0": Release("v6.0.0"),
}

NEWEST = "5.1.0"
"""What `uat` means: the newest release with verified checksums."""

_FILES = ("UAT_list.json", "UAT.rdf")
_BASE = "https://raw.githubusercontent.com/astrothesaurus/UAT"
_SECONDS = 30


def is_release(reference: str) -> bool:
    """Whether a reference names a release (`uat`, `uat:5.1.0`) rather than a file."""
    return reference.partition(":")[0] == "uat"


def release_version(reference: str) -> str:
    """The version that `uat` or `uat:5.1.0` means.

    Raises:
        InputError: Not a known release.
    """
    version = reference.partition(":")[2] or NEWEST
    if not is_release(reference) or version not in RELEASES:
        hint = nearest(reference, [f"uat:{known}" for known in RELEASES])
        raise InputError(f"'{reference}' is no known release of the thesaurus; {hint}; or give a file")
    return version


def known_version(digest: str) -> str:
    """The version of the release that has a file with this SHA-256; empty if none has."""
    return next((version for version, known in RELEASES.items() if digest in known.checksums.values()), "")


def get_release(reference: str) -> Path:
    """Download a release of the UAT, unless it lies in the cache already.

    Files come from the thesaurus's repository on GitHub, or from `SCIXTAG_UAT_URL` where that is set, laid out as
    `<base>/<revision>/<file>`. They are checked against pinned checksums where these are known.

    Args:
        reference: `uat` for the newest verified release, or `uat:5.1.0`.

    Returns:
        The path of `UAT_list.json`; `UAT.rdf` lies beside it.

    Raises:
        InputError: Not a known release.
        RemoteError: Offline, refused, or the files are not the expected ones.
    """
    version = release_version(reference)
    folder = cache_folder("releases") / f"uat-{version}"
    for name in _FILES:
        expected = RELEASES[version].checksums.get(name, "")
        if not _is_whole(folder / name, expected):
            _download(version, folder / name, expected)
    return folder / PREFERRED


def successors(vocabulary: Vocabulary, concept_id: ConceptId) -> tuple[Concept, ...]:
    """The concepts in use that replace a deprecated one, through other deprecated ones where necessary.

    A concept in use stands for itself. Empty if the vocabulary names no replacement.

    Raises:
        InputError: No such concept.
    """
    column = vocabulary.resolve(concept_id)
    if column is None:
        raise InputError(f"no concept {concept_id!r} in the vocabulary; give an id, a URI or a preferred name")
    found: list[Concept] = []
    seen = {column}
    pending = [column]
    for column in pending:
        concept = vocabulary[column]
        if not concept.deprecated:
            found.append(concept)
            continue
        following = [vocabulary.column(successor) for successor in concept.successors]
        pending += [successor for successor in following if successor not in seen]
        seen.update(following)
    return tuple(found)


@dataclass(frozen=True)
class ReleaseDifference:
    """What changed between two releases; pairs are (old, new).

    Attributes:
        added: Concepts that only the new release has.
        removed: Concepts that only the old release has.
        renamed: Concepts with another preferred name.
        deprecated: Concepts that were in use and are not any more, as in the new release.
        moved: Concepts with other broader ones, unless they were deprecated.
    """

    added: tuple[Concept, ...]
    removed: tuple[Concept, ...]
    renamed: tuple[tuple[Concept, Concept], ...]
    deprecated: tuple[Concept, ...]
    moved: tuple[tuple[Concept, Concept], ...]


def difference(old: Vocabulary, new: Vocabulary) -> ReleaseDifference:
    """Compare two releases by URI, for short ids may be assigned otherwise in another release."""
    before = {concept.uri: concept for concept in old}
    after = {concept.uri: concept for concept in new}
    pairs = [(before[uri], concept) for uri, concept in after.items() if uri in before]
    kept = [(was, now) for was, now in pairs if was.deprecated or not now.deprecated]
    return ReleaseDifference(
        added=tuple(concept for uri, concept in after.items() if uri not in before),
        removed=tuple(concept for uri, concept in before.items() if uri not in after),
        renamed=tuple((was, now) for was, now in pairs if was.name != now.name),
        deprecated=tuple(now for was, now in pairs if now.deprecated and not was.deprecated),
        moved=tuple((was, now) for was, now in kept if _broader_uris(old, was) != _broader_uris(new, now)),
    )


def _broader_uris(vocabulary: Vocabulary, concept: Concept) -> set[str]:
    return {vocabulary[vocabulary.column(broader)].uri for broader in concept.broader}


def _is_whole(path: Path, expected: str) -> bool:
    try:
        content = path.read_bytes()
    except OSError:
        return False
    return not expected or hashlib.sha256(content).hexdigest() == expected


def _download(version: str, path: Path, expected: str) -> None:
    base = os.environ.get("SCIXTAG_UAT_URL") or _BASE
    url = f"{base.rstrip('/')}/{RELEASES[version].revision}/{path.name}"
    by_hand = f"download {url} by hand and pass the file instead of 'uat:{version}'"
    content = _fetch(url, by_hand)
    _verify(url, content, expected, by_hand)
    try:
        with writing(path, binary=True) as stream:
            stream.write(content)
    except OutputError as error:
        raise OutputError(f"{error}: set SCIXTAG_CACHE to a folder with space, or {by_hand}") from error


def _fetch(url: str, by_hand: str) -> bytes:
    from http.client import HTTPException
    from urllib.request import urlopen

    if not url.startswith(("https://", "http://")):
        raise RemoteError(f"{url}: SCIXTAG_UAT_URL should begin with https:// or http://; mend or unset it")
    progress.note(f"Fetching {url}")
    try:
        with urlopen(url, timeout=_SECONDS) as answer:
            content: bytes = answer.read()
    except (OSError, HTTPException, ValueError) as error:
        raise RemoteError(f"{url}: not reachable ({error}); try again online, or {by_hand}") from error
    return content


def _verify(url: str, content: bytes, expected: str, by_hand: str) -> None:
    digest = hashlib.sha256(content).hexdigest()
    if expected and digest != expected:
        raise RemoteError(f"{url}: has the SHA-256 {digest}, not {expected}; it was changed on the way; {by_hand}")
    if b"http://astrothesaurus.org/uat/" not in content:
        raise RemoteError(f"{url}: the answer is not a file of the thesaurus; {by_hand}")
    if not expected:
        progress.note(f"No checksum is known for {url}; its content (SHA-256 {digest}) was not verified")
