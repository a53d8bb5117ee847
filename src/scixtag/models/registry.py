"""The models by name; a model's code is imported only when it is asked for."""

from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import TYPE_CHECKING

from scixtag.errors import ConfigError, nearest

if TYPE_CHECKING:
    from scixtag.models.base import Model

ENTRY_POINTS = "scixtag.models"
"""The group of entry points in which other packages offer models: `name = "module:Class"`."""


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """Where a model is found.

    Attributes:
        path: "module:Class".
        summary: What it does, in one line.
    """

    path: str
    summary: str


MODELS = MappingProxyType(
    {
        "ensemble": ModelEntry(
            "scixtag.models.ensemble.ensemble:Ensemble",
            "Several models; trees order what all of them find. The default.",
        ),
        "prior": ModelEntry("scixtag.models.prior:Prior", "How often each concept is used, the same for every paper."),
        "lexical": ModelEntry(
            "scixtag.models.lexical:Lexical", "Names found in the text, by how often they are right."
        ),
        "centroid": ModelEntry("scixtag.models.centroid:Centroid", "Similarity to a concept's papers and names."),
        "neighbours": ModelEntry("scixtag.models.neighbours:Neighbours", "Concepts of the most similar papers."),
        "linear": ModelEntry("scixtag.models.linear:Linear", "One linear classifier for each concept."),
        "label-tree": ModelEntry(
            "scixtag.models.label_tree:LabelTree", "Linear classifiers in a tree of concepts, for large vocabularies."
        ),
        "ridge": ModelEntry("scixtag.models.ridge:Ridge", "Least squares for all concepts at once."),
        "embedding": ModelEntry(
            "scixtag.models.encoder.embedding:Embedding",
            "Centroids in the space of a pretrained encoder (needs the extra `encoder`).",
        ),
        "encoder": ModelEntry(
            "scixtag.models.encoder.encoder:Encoder", "A fine-tuned transformer (needs the extra `encoder`)."
        ),
    }
)
"""The models that come with scixtag."""


def known_models() -> dict[str, ModelEntry]:
    """The models that come with scixtag, and those that installed packages offer; a name of ours stays ours."""
    offered = {point.name: ModelEntry(point.value, f"From {_origin(point)}.") for point in _offered()}
    return offered | dict(MODELS)


def model_class(name: str) -> "type[Model]":
    """Import a model.

    Raises:
        ConfigError: No model has this name, or the package that offers it cannot be imported.
    """
    entry = MODELS.get(name) or known_models().get(name)
    if entry is None:
        raise ConfigError(f"no model is called '{name}'; {nearest(name, known_models())}")
    module, _, attribute = entry.path.partition(":")
    try:
        found: type[Model] = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"the model '{name}' cannot be imported from {entry.path}: {error}") from error
    return found


def _offered() -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=ENTRY_POINTS))


def _origin(point: EntryPoint) -> str:
    return f"the package {point.dist.name}" if point.dist else point.value
