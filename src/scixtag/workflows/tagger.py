"""A trained tagger and its folder: model, vocabulary, calibration, decision rule; a manifest of how it came about."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from scixtag.corpus.examples import recognised
from scixtag.corpus.record import Record
from scixtag.corpus.text import Text, text_of
from scixtag.errors import ModelError, ScixtagError
from scixtag.evaluation.drift.reference import Reference
from scixtag.files import writing_folder
from scixtag.models.base import Model
from scixtag.models.registry import model_class
from scixtag.predictions.calibration import Calibration, calibration_from_document
from scixtag.predictions.closure import ancestor_matrix, in_form
from scixtag.predictions.decision import Decision, Mask
from scixtag.predictions.scores import Scores
from scixtag.predictions.suggestion import Suggestion, build_suggestions
from scixtag.vocabulary.concept import Vocabulary
from scixtag.workflows.kept_papers import KeptPapers
from scixtag.workflows.manifest import FORMAT, FORMAT_VERSION, MANIFEST, read_document, read_manifest
from scixtag.workflows.reference import load_reference, save_reference
from scixtag.workflows.tune import calibrated

_VOCABULARY = "vocabulary.json"
_PAPERS = "papers.json"
_REFERENCE = "reference"


class Answers(NamedTuple):
    """What a tagger says of a batch of papers.

    Attributes:
        probabilities: Of the best concepts of each paper (papers, k).
        selected: (papers, k) True where a concept belongs to the paper's set.
        from_prior: (papers,) True where there was no text, or nothing in it that the model knows: the concepts are the
            most frequent ones of the training papers, with their shares, and none is selected.
    """

    probabilities: Scores
    selected: Mask
    from_prior: Mask


@dataclass(frozen=True)
class Tagger:
    """All that is needed to tag: neither the training papers nor the network.

    Attributes:
        model: Fitted.
        vocabulary: What the columns of its scores mean.
        calibration: Scores to probabilities.
        decision: Probabilities to a set.
        manifest: How it was trained; see `docs/model-folder.md`.
        label_counts: int64 (concepts,) how many training papers carry each concept; what bands are made of.
        seen: uint64 (2, papers) hashes of the training papers' ids and texts, sorted: enough to recognise a training
            paper in a test set, not enough to read it.
        papers: Ids and titles of the training papers, for explanations; None unless it was told to keep them.
        reference: The training papers in aggregate numbers, which new ones are compared with; None in folders of an
            earlier scixtag.
    """

    model: Model
    vocabulary: Vocabulary
    calibration: Calibration
    decision: Decision
    manifest: dict[str, Any]
    label_counts: npt.NDArray[np.int64]
    seen: npt.NDArray[np.uint64]
    papers: KeptPapers | None = None
    reference: Reference | None = None

    def probabilities(self, texts: Sequence[Text]) -> Scores:
        """Calibrated probabilities of the best concepts of each text."""
        return calibrated(self.model.scores(texts), self.calibration)

    @cached_property
    def ancestors(self) -> csr_array:
        """The concepts above each concept of the vocabulary (concepts x concepts); see `ancestor_matrix`."""
        return ancestor_matrix(self.vocabulary)

    @cached_property
    def prior(self) -> Scores:
        """How often training papers carry each concept, as the scores of one paper."""
        shares = self.label_counts / max(int(self.manifest["training"]["papers"]), 1)
        return Scores.from_dense(shares[None, :])

    def answers(self, texts: Sequence[Text], decision: Decision | None = None) -> Answers:
        """Probabilities and which of them are selected; what is suggested and what is evaluated.

        Args:
            texts: A batch of papers.
            decision: Another rule than the tagger's own.
        """
        return self.answers_from(self.probabilities(texts), texts, decision)

    def answers_from(self, probabilities: Scores, texts: Sequence[Text], decision: Decision | None = None) -> Answers:
        """As `answers`, from calibrated probabilities that are there already."""
        rule = decision or self.decision
        selected = rule.select(probabilities)
        if rule.hierarchy != "as-is":
            probabilities, selected = in_form(rule.hierarchy, probabilities, selected, self.ancestors)
        # A model that lists something whatever it reads, as an encoder does, lists something for no text at all, too.
        empty = np.array([not text.joined.strip() for text in texts], dtype=np.bool_)
        nothing_known: Mask = empty | ~probabilities.listed.any(axis=1)
        probabilities = probabilities.filled(nothing_known, self.prior)
        added = ((0, 0), (0, probabilities.columns.shape[1] - selected.shape[1]))
        return Answers(probabilities, np.pad(selected & ~nothing_known[:, None], added), nothing_known)

    def suggest(
        self, records: Iterable[Record], limit: int, decision: Decision | None = None
    ) -> list[list[Suggestion]]:
        """For each paper its best `limit` concepts and all that are selected.

        Args:
            records: A batch of papers.
            limit: How many concepts at most, beside the selected ones.
            decision: Another rule than the tagger's own.
        """
        answers = self.answers([text_of(record) for record in records], decision)
        return build_suggestions(*answers, self.vocabulary, limit)

    def learned_from(self, ids: Sequence[str], texts: Sequence[Text]) -> Mask:
        """True for the papers that are training papers, by id or by text (papers,)."""
        return recognised(ids, texts, *self.seen)

    def save(self, folder: Path, *, overwrite: bool = False) -> None:
        """Write the folder whole or not at all.

        Raises:
            InputError: The folder exists and may not be replaced.
        """
        with writing_folder(folder, foreign=foreign_content, overwrite=overwrite) as draft:
            self.model.save(draft / "model")
            _write(draft / _VOCABULARY, self.vocabulary.to_document())
            _write(draft / "calibration.json", self.calibration.to_document())
            _write(draft / "decision.json", self.decision.to_document())
            np.save(draft / "label_counts.npy", self.label_counts, allow_pickle=False)
            np.save(draft / "seen.npy", self.seen, allow_pickle=False)
            if self.papers is not None:
                self.papers.save(draft / _PAPERS)
            if self.reference is not None:
                save_reference(self.reference, draft / _REFERENCE)
            files = {str(f.relative_to(draft)): f.stat().st_size for f in sorted(draft.rglob("*")) if f.is_file()}
            head = {"format": FORMAT, "format_version": FORMAT_VERSION}
            _write(draft / MANIFEST, {**head, **self.manifest, "files": files})

    @classmethod
    def load(cls, folder: Path) -> "Tagger":
        """Read a folder that `save` wrote.

        Raises:
            InputError: There is no such folder.
            ModelError: It is no model folder, is incomplete, or needs another scixtag.
        """
        manifest = read_manifest(folder)
        with _told_as_damage(folder):
            vocabulary = Vocabulary.from_document(read_document(folder / _VOCABULARY))
            calibration = calibration_from_document(read_document(folder / "calibration.json"))
            decision = Decision.from_document(read_document(folder / "decision.json"))
            label_counts = np.load(folder / "label_counts.npy", allow_pickle=False)
            seen = np.load(folder / "seen.npy", allow_pickle=False)
            kind = model_class(manifest["model"]["name"])
        with _told_as_damage(folder, but=ScixtagError):
            model = kind.load(folder / "model")
            kept = any(name.startswith(f"{_REFERENCE}/") for name in manifest["files"])
            reference = load_reference(folder / _REFERENCE) if kept else None
        papers = KeptPapers(folder / _PAPERS) if _PAPERS in manifest["files"] else None
        return cls(model, vocabulary, calibration, decision, manifest, label_counts, seen, papers, reference)


@contextmanager
def _told_as_damage(folder: Path, but: type[ScixtagError] = ModelError) -> Iterator[None]:
    """Turn what damaged files raise into a ModelError; errors of class `but` say enough themselves."""
    try:
        yield
    except (but, ImportError, MemoryError):
        raise
    except Exception as error:  # NumPy's reader alone raises ValueError, EOFError, and tokenize's and zipfile's errors
        raise ModelError(f"{folder}: the model folder is damaged ({error}); train it again") from error


def stored_vocabulary(folder: Path) -> Vocabulary:
    """The vocabulary of a model folder, without the model.

    Raises:
        InputError, ModelError: As `Tagger.load`.
    """
    read_manifest(folder)
    with _told_as_damage(folder):
        return Vocabulary.from_document(read_document(folder / _VOCABULARY))


def foreign_content(folder: Path) -> str:
    """Why a folder may not be replaced by a model: it holds none, or more than one; empty if it may."""
    try:
        manifest = read_document(folder / MANIFEST)
    except (OSError, ValueError, TypeError):
        manifest = {}
    if manifest.get("format") != FORMAT:
        return "it holds other files and no model of scixtag"
    known = {MANIFEST, *manifest.get("files", ())}
    others = sorted(str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file())
    strange = [name for name in others if name not in known]
    return f"it also holds {', '.join(strange[:3])}" if strange else ""


def _write(path: Path, document: dict[str, Any]) -> None:
    """Write into a draft folder, which appears as a whole."""
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
