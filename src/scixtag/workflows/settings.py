"""All that a training run can be told: the one source of the configuration file, `--set`, and the saved model."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_type_hints

from scixtag.config import structure
from scixtag.errors import ConfigError
from scixtag.models.registry import model_class
from scixtag.predictions.calibration import CalibrationSettings
from scixtag.predictions.decision import UNFITTED_RULES, DecisionSettings

DEFAULT_MODEL = "ensemble"


@dataclass(frozen=True)
class TuningSettings:
    """Where the papers come from on which calibration and decision rule are fitted; never from the evaluation.

    Attributes:
        scheme: "folds": every training paper is scored by a model that was fitted without its fold. "holdout": a part
            is held out once. "auto": what the model itself scored without having seen it, if it is one that does
            (`ensemble`); else folds up to 20,000 papers, a held-out part beyond. "none": nothing is held out, which
            needs a calibration and a decision rule that have nothing to fit.
        folds: For "folds".
        fraction: For "holdout"; never more than 5,000 papers.
        refit: The saved model is fitted anew on all papers. False, for "holdout": it is the one that was fitted
            without the held-out part, which halves the work, and keeps what that part stopped early.
    """

    scheme: Literal["auto", "folds", "holdout", "none"] = "auto"
    folds: int = 5
    fraction: float = 0.1
    refit: bool = True

    def __post_init__(self) -> None:
        if self.folds < 2:
            raise ConfigError(f"tuning: folds = {self.folds}; at least 2 are needed")
        if not 0 < self.fraction < 1:
            raise ConfigError(f"tuning: fraction = {self.fraction} is not between 0 and 1")
        if not self.refit and self.scheme != "holdout":
            raise ConfigError(
                f"tuning: refit = false keeps the model of a held-out part, and scheme is '{self.scheme}'; "
                'set scheme = "holdout"'
            )


@dataclass(frozen=True, kw_only=True)
class _Sections:
    """The file without [model], whose keys depend on the model's name."""

    seed: int = 0
    minimum_label_count: int = 1
    keep_papers: bool = False
    tuning: TuningSettings = field(default_factory=TuningSettings)
    calibration: CalibrationSettings = field(default_factory=CalibrationSettings)
    decision: DecisionSettings = field(default_factory=DecisionSettings)

    def __post_init__(self) -> None:
        if self.minimum_label_count < 1:
            raise ConfigError(f"minimum_label_count = {self.minimum_label_count}; at least 1 is meant")
        if self.seed < 0:
            raise ConfigError(f"seed = {self.seed}; it must not be negative")
        fitted = self.calibration.method != "none" or self.decision.rule not in UNFITTED_RULES
        if self.tuning.scheme == "none" and fitted:
            raise ConfigError(
                f"tuning: scheme = 'none' leaves no papers on which calibration '{self.calibration.method}' and "
                f"decision rule '{self.decision.rule}' could be fitted; set calibration.method = \"none\" and "
                'decision.rule = "fixed" or "top-k", or choose another scheme'
            )


@dataclass(frozen=True, kw_only=True)
class TrainingSettings(_Sections):
    """One training run.

    Attributes:
        model: The model's registered name.
        model_settings: An instance of that model's `Settings`.
        seed: For folds, and for every model that draws.
        minimum_label_count: Concepts that fewer training papers carry are not learned; they stay in all denominators.
        keep_papers: The tagger's folder holds the ids and titles of the training papers, for explanations.
        tuning: Where the tuning papers come from.
        calibration: How scores become probabilities.
        decision: How a set is chosen.
    """

    model: str
    model_settings: Any

    def to_document(self) -> dict[str, Any]:
        """The document that `training_settings` reads back."""
        document = asdict(self)
        model = {"name": document.pop("model"), **document.pop("model_settings")}
        plain = {key: value for key, value in document.items() if not isinstance(value, dict)}
        return {**plain, "model": model, **{k: v for k, v in document.items() if isinstance(v, dict)}}


def training_settings(document: dict[str, Any], where: str) -> TrainingSettings:
    """Read a configuration document.

    Args:
        document: Keys of `TrainingSettings`; the section [model] holds `name` and that model's own settings.
        where: The file, for messages.

    Raises:
        ConfigError: An unknown model or setting, or a value out of range.
    """
    name = model_name_in(document, where)
    own = {key: value for key, value in document.get("model", {}).items() if key != "name"}
    kind = model_class(name).Settings
    model_settings = structure(own, kind, f"{where}, [model] {name}")
    rest = {key: value for key, value in document.items() if key != "model"}
    if misplaced := rest.keys() & get_type_hints(kind).keys() - get_type_hints(_Sections).keys():
        key = min(misplaced)
        raise ConfigError(f"{where}: unknown setting '{key}'; the model '{name}' has it: write model.{key}")
    sections = structure(rest, _Sections, where)
    return TrainingSettings(model=name, model_settings=model_settings, **vars(sections))


def model_name_in(document: dict[str, Any], where: str) -> str:
    """The model that a configuration document names; the default one if it names none.

    Raises:
        ConfigError: [model] is no section, or its name no text.
    """
    model = document.get("model", {})
    name = model.get("name", DEFAULT_MODEL) if isinstance(model, dict) else None
    if not isinstance(name, str):
        raise ConfigError(f'{where}: [model] is a section with a name, for example name = "{DEFAULT_MODEL}"')
    return name
