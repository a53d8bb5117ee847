"""Tag papers: a file of them to JSON Lines, or one at a time."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO, Any

from scixtag import progress
from scixtag.corpus.fields import ANY_FIELDS, Fields
from scixtag.corpus.record import Record
from scixtag.corpus.sample import is_sample
from scixtag.corpus.size import expected_papers
from scixtag.corpus.sources import read_records
from scixtag.errors import InputError
from scixtag.files import check_new_file, writing
from scixtag.predictions.closure import SetForm
from scixtag.predictions.decision import Decision, fixed_decision
from scixtag.predictions.suggestion import Suggestion
from scixtag.workflows.explain import Explainer
from scixtag.workflows.tagger import Tagger

BATCH = 256


@dataclass(frozen=True)
class Wanted:
    """What is wanted for each paper.

    Attributes:
        limit: How many concepts at most, beside the selected ones.
        threshold: Probability from which a concept is selected; None: the tagger's own rule.
        hierarchy: In which form the sets are; None: the one that the tagger was trained for.
        explain: Say why, too.
    """

    limit: int = 20
    threshold: float | None = None
    hierarchy: SetForm | None = None
    explain: bool = False


def tag_file(
    tagger: Tagger, source: str, output: Path, wanted: Wanted = Wanted(), *, fields: Fields = ANY_FIELDS
) -> int:
    """Write one JSON object a paper, in input order; the file appears only when it is complete.

    Args:
        tagger: The system.
        source: `sample`, a file, a folder, or `hf:…`.
        output: A JSON Lines file.
        wanted: What is written for each paper.
        fields: Which columns hold what.

    Returns:
        The number of papers.

    Raises:
        InputError: The source cannot be read, or holds no paper; the output would replace the input, or a file of
            another kind.
    """
    check_new_file(output, ".jsonl")
    source_path, target = Path(source).resolve(), output.resolve()
    on_disk = source_path.exists() and not is_sample(source)
    if on_disk and (target == source_path or source_path in target.parents):
        raise InputError(f"{output}: --output is the input, or would become part of it; choose another place")
    with writing(output) as stream:
        return tag_stream(tagger, source, stream, wanted, fields=fields)


def tag_stream(
    tagger: Tagger, source: str, stream: IO[str], wanted: Wanted = Wanted(), *, fields: Fields = ANY_FIELDS
) -> int:
    """As `tag_file`, to an open stream."""
    decision = decision_at(tagger, wanted.threshold, wanted.hierarchy)
    explainer = Explainer(tagger) if wanted.explain else None
    count = unknown = 0
    for batch in _batches(progress.track(read_records(source, fields), "tagging papers", expected_papers(source))):
        for record, suggestions in zip(batch, tagger.suggest(batch, wanted.limit, decision), strict=True):
            told = explainer.explained(record, suggestions) if explainer else suggestions
            stream.write(json.dumps(tagged(record.id, told), ensure_ascii=False) + "\n")
            unknown += any(suggestion.from_prior for suggestion in suggestions)
        count += len(batch)
    if count == 0:
        raise InputError(f"{source}: no papers to tag; is the file empty?")
    if unknown:
        progress.note(
            f"the texts of {unknown:,} papers hold nothing that the model knows; they got the most frequent concepts, "
            "marked from_prior, and none is selected"
        )
    return count


def suggest(tagger: Tagger, title: str, abstract: str, wanted: Wanted = Wanted()) -> list[Suggestion]:
    """Concepts for one paper.

    Raises:
        InputError: Title and abstract are both empty.
    """
    if not (title.strip() or abstract.strip()):
        raise InputError("no text: pass --title and --abstract, or text on standard input")
    record = Record("", title, abstract, None)
    suggestions = tagger.suggest([record], wanted.limit, decision_at(tagger, wanted.threshold, wanted.hierarchy))[0]
    return Explainer(tagger).explained(record, suggestions) if wanted.explain else suggestions


def decision_at(tagger: Tagger, threshold: float | None, hierarchy: SetForm | None = None) -> Decision:
    """The tagger's own rule, or a plain cut at the user's threshold, without bounds; sets in the user's form."""
    form = hierarchy or tagger.decision.hierarchy
    if threshold is None:
        return replace(tagger.decision, hierarchy=form)
    if not 0 <= threshold <= 1:
        raise InputError(f"--threshold {threshold}: a probability lies between 0 and 1")
    return replace(fixed_decision(threshold, 0, 0), hierarchy=form)


def tagged(paper: str, suggestions: list[Suggestion]) -> dict[str, Any]:
    """One line of the output."""
    return {"id": paper, "suggestions": [suggestion.to_document() for suggestion in suggestions]}


def _batches(records: Iterator[Record]) -> Iterator[list[Record]]:
    while batch := list(islice(records, BATCH)):
        yield batch
