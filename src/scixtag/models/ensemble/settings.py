"""What an ensemble can be told: its members by name, and how their candidates are ranked."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from scixtag.config import structure
from scixtag.errors import ConfigError, nearest
from scixtag.models.base import Model
from scixtag.models.registry import MODELS, known_models, model_class

ENSEMBLE = "ensemble"
"""The name in the registry: an ensemble is no member of another."""

DEFAULT_MEMBERS: Mapping[str, Mapping[str, Any]] = {
    "centroid": {},
    "names": {"model": "centroid", "label_text": 1.5, "count_power": 0.1},
    "neighbours": {"neighbours": 20},
    "ridge": {"label_text": 0.3, "landmarks": 5_000},
    "lexical": {},
}

LARGE_MEMBERS: Mapping[str, Mapping[str, Any] | bool] = {
    "ridge": False,
    "neighbours": False,
    "linear": {
        "solver": "descent",
        "C": 1.0,
        "positive_weight": 1.0,
        "negatives": 0,
        "random_negatives": 3_000,
    },
    "label-tree": {},
}
"""What takes the place of the default members where there are very many papers and concepts.

Time and memory of `ridge` grow with its landmarks times the concepts, and a pool of `neighbours` that can be searched
holds too few papers of each.
"""

LARGE = 300_000_000
"""Training papers times concepts that they carry; beyond, the recipe is that for large corpora.

Eight times the largest corpus with UAT concepts that is published, where the other recipe is at home.
"""

_LARGEST_WEIGHT = 100
"""Beyond, a single right candidate outweighs all others of its paper many times."""


@dataclass(frozen=True)
class RankerSettings:
    """How the candidates of a paper are ordered, by boosted trees (LightGBM; Ke et al. 2017).

    Attributes:
        rounds: Trees of each booster.
        learning_rate: The share of each tree that is added.
        leaves: Of each tree, at most.
        leaf_pairs: Pairs of a paper and a candidate in each leaf, at least; with fewer right candidates than this there
            is no ranker, and the members' scores are averaged.
        feature_share: The share of the features that each tree may use.
        pair_share: The share of the pairs that each tree is grown on.
        l2: Penalty on the values of leaves.
        negative_share: Of the wrong candidates so many are learned from; those left out are made up for by weight.
        rare_weight: A right candidate weighs 1 + this / sqrt(1 + training papers of the concept).
        seeds: How many boosters, each from a seed of its own, are averaged.
        record: The ranker is told how often each concept was right as a candidate of other papers, compared with how
            often trees that are not told this expected it.
    """

    rounds: int = 180
    learning_rate: float = 0.05
    leaves: int = 15
    leaf_pairs: int = 60
    feature_share: float = 0.3
    pair_share: float = 0.7
    l2: float = 5.0
    negative_share: float = 0.5
    rare_weight: float = 2.0
    seeds: int = 4
    record: bool = True

    def __post_init__(self) -> None:
        shares = {"feature_share": self.feature_share, "pair_share": self.pair_share}
        shares |= {"negative_share": self.negative_share, "learning_rate": self.learning_rate}
        for name, share in shares.items():
            if not 0 < share <= 1:
                raise ConfigError(f"{name} is {share}; it must be above 0 and at most 1")
        for name, number in {"rounds": self.rounds, "leaf_pairs": self.leaf_pairs, "seeds": self.seeds}.items():
            if number < 1:
                raise ConfigError(f"{name} is {number}; it must be at least 1")
        if not 0 <= self.rare_weight <= _LARGEST_WEIGHT:
            raise ConfigError(f"rare_weight is {self.rare_weight}; it must be from 0 to {_LARGEST_WEIGHT}")
        if self.leaves < 2:
            raise ConfigError(f"leaves must be at least 2, not {self.leaves}")
        if self.l2 < 0:
            raise ConfigError(f"l2 is {self.l2}; it must not be negative")


@dataclass(frozen=True)
class EnsembleSettings(RankerSettings):
    """Which models take part, and how the ranker gets to know them.

    Attributes:
        members: The members by a name of your choice, a section each. `model` is the registered model (by default
            the name itself), the other keys are that model's settings. What is said here changes and adds to the
            default members; `name = false` leaves one out.
        candidates: So many concepts of each member are candidates.
        recipe: "small": members are fitted without each of the folds, and at last on everything. "large": each is
            fitted once, without the papers that the ranker learns from; and instead of `ridge` and `neighbours`, as far
            as you say nothing of them, there are `linear` with a solver for many concepts, and `label-tree`; the
            ranker is told no `record`, for which its papers are too few. "auto": "large" where training papers times
            concepts in use are more than 300 million.
        folds: The ranker learns from scores by members that were fitted without the paper's fold.
        ranker_papers: The ranker sees at most so many papers, from as few folds as hold them, and two at least; all
            members are fitted on everything in the end. With the recipe "large" they are drawn by lot, and no member
            ever learns from them.
        threads: For the ranker, and never more than there are cores; 0: as many. The result is the same.
        cache: Keep fitted members and their held-out scores in the user's cache, so that a training with the same
            papers and members, but another ranker, does not repeat them.
    """

    members: dict[str, dict[str, Any] | bool] = field(default_factory=dict)
    candidates: int = 30
    recipe: Literal["auto", "small", "large"] = "auto"
    folds: int = 10
    ranker_papers: int = 10_000
    threads: int = 0
    cache: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.candidates <= 100:
            raise ConfigError(f"candidates is {self.candidates}; a member gives from 1 to 100")
        if self.recipe not in ("auto", "small", "large"):
            raise ConfigError(f"recipe is '{self.recipe}'; choose 'auto', 'small' or 'large'")
        if self.folds < 2:
            raise ConfigError(f"folds is {self.folds}; at least 2 are needed")
        if self.ranker_papers < 1:
            raise ConfigError(f"ranker_papers is {self.ranker_papers}; it must be at least 1")
        if self.threads < 0:
            raise ConfigError(f"threads is {self.threads}; it must not be negative")
        complete = {name: _complete(name, said) for name, said in _with_defaults(self.members).items()}
        if not any(complete.values()):
            raise ConfigError("members: every member is left out; keep at least one")
        object.__setattr__(self, "members", complete)

    def for_corpus(self, papers: int, concepts: int) -> "EnsembleSettings":
        """The settings for so many training papers that carry so many concepts: these, or those of the large recipe.

        A member of which anything was said stays as it was said.
        """
        if self.recipe == "small" or (self.recipe == "auto" and papers * concepts <= LARGE):
            return self
        usual = {name: _complete(name, dict(said)) for name, said in DEFAULT_MEMBERS.items()}
        untouched = [name for name in LARGE_MEMBERS if self.members.get(name) == usual.get(name)]
        changed = {name: _as_said(LARGE_MEMBERS[name]) for name in untouched}
        # The ranker's papers are too few for a record of so many concepts.
        return replace(self, recipe="large", record=False, members=self.members | changed)

    def build(self, seed: int) -> dict[str, Model]:
        """The members by name, unfitted."""
        return {name: _model(said, seed) for name, said in self.taking_part()}

    def model_of(self, member: str) -> str:
        """The registered model that a member is."""
        return str(dict(self.taking_part())[member]["model"])

    def taking_part(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The names of the members that are not left out, each with its model and all its settings."""
        for name, said in self.members.items():
            if isinstance(said, dict):
                yield name, said


def _as_said(said: Mapping[str, Any] | bool) -> dict[str, Any] | bool:
    return said if isinstance(said, bool) else dict(said)


def _with_defaults(members: Mapping[str, dict[str, Any] | bool]) -> dict[str, dict[str, Any] | bool]:
    merged: dict[str, dict[str, Any] | bool] = {name: dict(said) for name, said in DEFAULT_MEMBERS.items()}
    for name, said in members.items():
        default = merged.get(name)
        if said is True:
            merged[name] = dict(DEFAULT_MEMBERS.get(name, {}))
        elif (
            isinstance(said, dict)
            and isinstance(default, dict)
            and said.get("model", name) == default.get("model", name)
        ):
            merged[name] = default | said
        else:
            merged[name] = said
    return merged


def _complete(name: str, said: dict[str, Any] | bool) -> dict[str, Any] | bool:
    """With the model's name and every setting of it."""
    if not re.fullmatch(r"[\w-]+", name):
        raise ConfigError(f"members: '{name}' is no name for a member; use letters, digits, - and _")
    if not isinstance(said, dict):
        if name not in DEFAULT_MEMBERS and name not in known_models():
            raise ConfigError(f"members.{name}: there is no such member to leave out; {nearest(name, DEFAULT_MEMBERS)}")
        return False
    kind = said.get("model", name)
    if not isinstance(kind, str):
        raise ConfigError(f'members.{name}: model = {kind!r} is no name of a model, such as "centroid"')
    if kind == ENSEMBLE:
        raise ConfigError(f"members.{name}: an ensemble is no member of an ensemble; name its members instead")
    if kind not in MODELS and kind not in known_models():
        hint = "" if "model" in said else f"; or say which model it is, with members.{name}.model"
        try:
            model_class(kind)
        except ConfigError as error:
            raise ConfigError(f"members.{name}: {error}{hint}") from error
    own = {key: value for key, value in said.items() if key != "model"}
    settings = structure(own, model_class(kind).Settings, f"members.{name}")
    return {"model": kind, **asdict(settings)}


def _model(said: Mapping[str, Any], seed: int) -> Model:
    kind = model_class(said["model"])
    own = {key: value for key, value in said.items() if key != "model"}
    return kind(structure(own, kind.Settings, said["model"]), seed)
