"""Records and a vocabulary to examples: texts and a binary indicator matrix in the vocabulary's order."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.corpus.dropped import Preparation, most, none_left
from scixtag.corpus.readers.cells import is_made_up
from scixtag.corpus.record import Record
from scixtag.corpus.text import Text, text_of
from scixtag.errors import InputError
from scixtag.vocabulary.concept import ConceptId, Vocabulary

_SHOWN = 10
_BETWEEN_WORDS = re.compile(r"[\W_]+")


@dataclass(frozen=True, eq=False)
class Examples:
    """Labelled papers, ready for a model.

    Attributes:
        ids: The papers' identifiers.
        texts: Their cleaned texts.
        targets: Binary indicator matrix (papers x concepts of the vocabulary), float32, sorted column indices.
        unknown: For each paper, how many of its labels the vocabulary does not hold (int64). They can never be
            predicted, and stay in the denominators of recall.
        vocabulary: What the columns mean.
    """

    ids: tuple[str, ...]
    texts: tuple[Text, ...]
    targets: csr_array
    unknown: npt.NDArray[np.int64]
    vocabulary: Vocabulary

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: Sequence[int] | npt.NDArray[np.integer]) -> "Examples":
        """The papers at `rows`, in that order."""
        chosen = np.asarray(rows, dtype=np.int64)
        return Examples(
            ids=tuple(self.ids[i] for i in chosen),
            texts=tuple(self.texts[i] for i in chosen),
            targets=self.targets[chosen],
            unknown=self.unknown[chosen],
            vocabulary=self.vocabulary,
        )

    @property
    def label_counts(self) -> npt.NDArray[np.int64]:
        """The number of papers that carry each concept (concepts,)."""
        return np.bincount(self.targets.indices, minlength=len(self.vocabulary)).astype(np.int64)


def build_examples(
    records: Iterable[Record],
    vocabulary: Vocabulary,
    *,
    source: str = "the source",
    strict: bool = False,
    keep_unresolved: bool = False,
    may_lack_labels: bool = False,
) -> tuple[Examples, Preparation]:
    """Keep the papers with at least one label, clean their texts, and binarise their labels by concept id.

    Args:
        records: Papers, labelled or not.
        vocabulary: What the columns mean.
        source: Where the records come from, for messages.
        strict: Labels that the vocabulary does not hold are an error.
        keep_unresolved: Keep papers none of whose labels the vocabulary holds, with an empty row. They teach nothing,
            but in an evaluation their labels count as missed.
        may_lack_labels: Papers none of which has a label, and so no examples, are no error: labels come from elsewhere.

    Raises:
        InputError: No paper is left; or, if strict, some labels are not in the vocabulary.
    """
    collector = _Collector(vocabulary, keep_unresolved)
    for record in records:
        collector.add(record)
    preparation = collector.preparation
    if strict and preparation.unknown:
        raise InputError(
            f"{source}: {len(preparation.unknown):,} labels are not in the vocabulary: {most(preparation.unknown)}; "
            "mend them, take the vocabulary's release that holds them, or leave --strict out"
        )
    if not preparation.kept and not (may_lack_labels and preparation.without_labels):
        raise none_left(source, preparation)
    return collector.examples(), preparation


def with_minimum_count(examples: Examples, minimum: int) -> Examples:
    """Blank the concepts that fewer than `minimum` papers carry: they get no positives (the papers stay)."""
    targets = examples.targets
    kept = (examples.label_counts >= minimum)[targets.indices]
    ends = np.concatenate([[0], np.cumsum(kept)])[targets.indptr].astype(targets.indptr.dtype)
    blanked = csr_array((targets.data[kept], targets.indices[kept], ends), shape=targets.shape)
    return replace(examples, targets=blanked)


def fingerprint(examples: Examples) -> str:
    """Sixteen hexadecimal digits that change with any id, text or label.

    Labels count by concept id, so that a release of the vocabulary that only adds concepts changes nothing.
    """
    digest = hashlib.sha256()
    for line in _lines(examples):
        digest.update(line)
    return digest.hexdigest()[:16]


def paper_fingerprints(examples: Examples) -> tuple[str, ...]:
    """For each paper sixteen hexadecimal digits that change with its id, text or labels."""
    return tuple(hashlib.sha256(line).hexdigest()[:16] for line in _lines(examples))


def _lines(examples: Examples) -> Iterator[bytes]:
    targets = examples.targets
    for row, (identifier, text) in enumerate(zip(examples.ids, examples.texts, strict=True)):
        columns = targets.indices[targets.indptr[row] : targets.indptr[row + 1]]
        labels = [examples.vocabulary[column].id for column in columns]
        yield json.dumps([identifier, text.title, text.abstract, labels]).encode() + b"\n"


def id_hashes(examples: Examples) -> npt.NDArray[np.uint64]:
    """Stable 64-bit hashes of the papers' ids (papers,), to recognise papers without storing them."""
    return hashes(examples.ids)


def text_hashes(examples: Examples) -> npt.NDArray[np.uint64]:
    """Stable 64-bit hashes of the papers' words, whatever their case and what stands between them (papers,)."""
    return hashes(map(_bare, examples.texts))


def _bare(text: Text) -> str:
    """A preprint and its article often differ in capitals and punctuation alone."""
    return _BETWEEN_WORDS.sub(" ", text.joined.casefold()).strip() or text.joined


def recognised(
    ids: Sequence[str], texts: Sequence[Text], known_ids: npt.NDArray[np.uint64], known_texts: npt.NDArray[np.uint64]
) -> npt.NDArray[np.bool_]:
    """True for papers whose id or text is among known ones; numbers of rows are no ids (papers,).

    Args:
        ids: Of the papers.
        texts: Of the papers, cleaned.
        known_ids: As of `id_hashes`.
        known_texts: As of `text_hashes`.
    """
    given = np.array([not is_made_up(identifier) for identifier in ids], dtype=np.bool_)
    by_text = np.isin(hashes(map(_bare, texts)), known_texts)
    return np.asarray((given & np.isin(hashes(ids), known_ids)) | by_text)


def stable_hash(text: str) -> bytes:
    """Eight bytes that are the same in every process and on every machine."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def hashes(texts: Iterable[str]) -> npt.NDArray[np.uint64]:
    """Stable 64-bit hashes (texts,)."""
    return np.frombuffer(b"".join(map(stable_hash, texts)), dtype="<u8").astype(np.uint64)


class _Collector:
    """Takes records one by one and grows the columns of `Examples`."""

    def __init__(self, vocabulary: Vocabulary, keep_unresolved: bool) -> None:
        self.preparation = Preparation()
        self._vocabulary = vocabulary
        self._keep_unresolved = keep_unresolved
        self._ids: dict[str, None] = {}
        self._texts: list[Text] = []
        self._seen_texts: set[bytes] = set()
        self._columns: list[list[int]] = []
        self._unknown: list[int] = []

    def add(self, record: Record) -> None:
        """Count the record where it belongs, and keep it if it can serve."""
        preparation = self.preparation
        preparation.read += 1
        if not record.labels:
            preparation.unlabelled += 1
        elif record.id in self._ids:
            preparation.duplicates += 1
            if len(preparation.duplicate_ids) < _SHOWN:
                preparation.duplicate_ids.append(record.id)
        elif not (text := text_of(record)).joined:
            preparation.empty += 1
        else:
            self._add(record.id, text, record.labels)

    def _add(self, identifier: str, text: Text, labels: tuple[ConceptId, ...]) -> None:
        columns, unknown = self._resolved(labels)
        if not columns and not self._keep_unresolved:
            self.preparation.unresolved += 1
            return
        self.preparation.kept += 1
        self._ids[identifier] = None
        self._texts.append(text)
        self._columns.append(columns)
        self._unknown.append(unknown)
        digest = stable_hash(text.joined)
        self.preparation.repeated_texts += digest in self._seen_texts
        self._seen_texts.add(digest)

    def _resolved(self, labels: tuple[ConceptId, ...]) -> tuple[list[int], int]:
        """The columns of the labels, each once, rising; and how many labels have none."""
        known: set[int] = set()
        unknown: set[ConceptId] = set()
        for label in labels:
            column = self._vocabulary.resolve(label)
            if column is None:
                unknown.add(label)
            else:
                known.add(column)
        self.preparation.unknown.update(unknown)
        concepts = (self._vocabulary[column] for column in known)
        self.preparation.deprecated.update(concept.id for concept in concepts if concept.deprecated)
        return sorted(known), len(unknown)

    def examples(self) -> Examples:
        """Everything that was kept."""
        lengths = [len(columns) for columns in self._columns]
        indices = np.fromiter(chain.from_iterable(self._columns), np.int32, sum(lengths))
        indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
        shape = (len(lengths), len(self._vocabulary))
        targets = csr_array((np.ones(len(indices), np.float32), indices, indptr), shape=shape)
        return Examples(
            ids=tuple(self._ids),
            texts=tuple(self._texts),
            targets=targets,
            unknown=np.array(self._unknown, np.int64),
            vocabulary=self._vocabulary,
        )
