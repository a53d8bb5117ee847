"""What a tagger's folder keeps of its training papers for `scixtag drift`, as plain arrays and JSON."""

from pathlib import Path

import numpy as np

from scixtag.errors import ModelError
from scixtag.evaluation.drift.distance import ChanceDistances
from scixtag.evaluation.drift.histogram import Histogram
from scixtag.evaluation.drift.profile import QUANTITIES, Profile
from scixtag.evaluation.drift.reference import Reference
from scixtag.models.storage import load_state, save_state

_COUNTED = ("words", "concepts", "labels")


def save_reference(reference: Reference, folder: Path) -> None:
    """Write a folder."""
    profile = reference.profile
    state = {
        "papers": profile.papers,
        "predicted": profile.predicted,
        "labelled": profile.labelled,
        "steps": {name: histogram.step for name, histogram in profile.histograms.items()},
        "fewest_papers": reference.fewest_papers,
        "chance": {name: chance.to_document() for name, chance in reference.chance.items()},
        "table": list(reference.table),
    }
    arrays = {f"histogram.{name}": histogram.counts for name, histogram in profile.histograms.items()}
    arrays |= {name: getattr(profile, name) for name in _COUNTED}
    narrow = {name: counts.astype(np.int32) for name, counts in arrays.items() if counts.max(initial=0) < 2**31}
    save_state(folder, state, {**arrays, **narrow, "known": reference.known})


def load_reference(folder: Path) -> Reference:
    """Read what `save_reference` wrote.

    Raises:
        ModelError: It is damaged.
    """
    state, arrays, _ = load_state(folder)
    try:
        steps = state["steps"]
        wide = {name: np.asarray(counts, dtype=np.int64) for name, counts in arrays.items() if name != "known"}
        profile = Profile(
            papers=int(state["papers"]),
            predicted=int(state["predicted"]),
            labelled=int(state["labelled"]),
            histograms={name: Histogram(steps[name], wide[f"histogram.{name}"]) for name in QUANTITIES},
            **{name: wide[name] for name in _COUNTED},
        )
        chance = {name: ChanceDistances.from_document(about) for name, about in state["chance"].items()}
        table = tuple(str(word) for word in state["table"])
        return Reference(profile, table, int(state["fewest_papers"]), np.asarray(arrays["known"], np.uint32), chance)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            f"{folder}: what was kept of the training papers is damaged ({error!r}); train again"
        ) from error
