"""Tag papers one at a time; how a set is decided as the user wants it. Whole files: `scixtag.workflows.tagging`."""

from collections.abc import Sequence
from dataclasses import replace
from math import floor
from typing import Any

from scixtag.corpus.record import Record
from scixtag.corpus.text import text_of
from scixtag.errors import InputError
from scixtag.predictions.closure import SetForm
from scixtag.predictions.decision import Decision, fixed_decision
from scixtag.predictions.suggestion import Suggestion
from scixtag.vocabulary.concept import Concept, Vocabulary
from scixtag.workflows.explain import Explainer
from scixtag.workflows.tagger import Tagger
from scixtag.workflows.wanted import ANYTHING, Wanted, check_threshold


def suggest(tagger: Tagger, title: str, abstract: str, wanted: Wanted = ANYTHING) -> list[Suggestion]:
    """Concepts for one paper.

    Raises:
        InputError: Nothing is left of title and abstract once they are cleaned.
    """
    record = Record("", title, abstract, None)
    if not text_of(record).joined:
        raise InputError("no text: pass --title and --abstract, or text on standard input")
    suggestions = tagger.suggest([record], wanted.limit, decision_at(tagger, wanted.threshold, wanted.hierarchy))[0]
    return Explainer(tagger).explained(record, suggestions) if wanted.explain else suggestions


def decision_at(tagger: Tagger, threshold: float | None, hierarchy: SetForm | None = None) -> Decision:
    """The tagger's own rule, or a plain cut at the user's threshold, without bounds; sets in the user's form.

    Raises:
        InputError: The threshold is no probability.
    """
    form = hierarchy or tagger.decision.hierarchy
    check_threshold(threshold)
    if threshold is None:
        return replace(tagger.decision, hierarchy=form)
    return replace(fixed_decision(threshold, 0, 0), hierarchy=form)


def selected_concepts(suggestions: Sequence[Suggestion], vocabulary: Vocabulary) -> list[Concept]:
    """The concepts that are selected for a paper and to be assigned still, in the order of the suggestions.

    Args:
        suggestions: At least one, in falling order.
        vocabulary: What their ids mean.

    Raises:
        InputError: None is; the message says from which threshold on one would be.
    """
    selected = [vocabulary[vocabulary.column(one.id)] for one in suggestions if one.selected and not one.deprecated]
    if selected:
        return selected
    if suggestions[0].from_prior:
        raise InputError("no concept is selected: the text holds nothing that the model knows; give more of it")
    best = next((one for one in suggestions if not one.deprecated), None)
    if best is None:
        named = ", ".join(f"'{one.label}'" for one in suggestions)
        raise InputError(f"only deprecated concepts are found: {named}; pass a higher --limit")
    # Rounded down, so that the one that is named is selected.
    threshold = floor(best.probability * 1000) / 1000
    raise InputError(
        f"no concept is selected; the most probable is '{best.label}'; to select it, pass --threshold {threshold:.3f}, "
        "and a lower one for more"
    )


def tagged(paper: str, suggestions: list[Suggestion]) -> dict[str, Any]:
    """One line of the output."""
    return {"id": paper, "suggestions": [suggestion.to_document() for suggestion in suggestions]}
