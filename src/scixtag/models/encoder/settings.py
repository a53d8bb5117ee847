"""All that the encoders can be told; needs none of the packages that they need."""

from dataclasses import dataclass
from typing import Literal

from scixtag.errors import ConfigError

Head = Literal["cls", "mean", "attention"]
Initialisation = Literal["random", "text", "papers", "text+papers"]
LossName = Literal[
    "bce", "weighted-bce", "focal", "asymmetric", "class-balanced", "distribution-balanced", "softmax+bce"
]
Reduction = Literal["mean", "sum"]
Schedule = Literal["linear", "cosine", "constant"]
Precision = Literal["auto", "float32", "bfloat16"]
Device = Literal["auto", "cpu", "cuda"]


def _check(checks: dict[str, bool]) -> None:
    for message, wrong in checks.items():
        if wrong:
            raise ConfigError(message)


@dataclass(frozen=True)
class NetworkSettings:
    """What reads the text, and how labels are read off it.

    Attributes:
        encoder: A name on the Hugging Face hub, a local folder, or `package:NAME` for weights inside an installed
            Python package.
        max_length: Tokens a window, special tokens included; longer text is cut, or goes into further windows.
        windows: At most so many windows of a text; a label's score is its highest over them. 1: the text is cut.
        window_overlap: Tokens that a window shares with the one before.
        head: "cls": the architecture's own classification head on the first token, as `transformers` builds it.
            "mean": one linear layer on the mean of all tokens. "attention": that, and each label's own attention to
            the tokens (Mullenbach et al. 2018).
        normalised: For "mean" and "attention": the text's vector has length 1, and `scale` makes up for it.
        scale: What a normalised vector is multiplied with.
        initialisation: Where a label's weights start: "random"; "text": the encoder's vector of the label's names and
            definition; "papers": the mean vector of its training papers; "text+papers": both, the text counting as
            two papers.
        dropout: In all layers, for training; negative: as the encoder was trained.
        lora_rank: Above 0, only low-rank updates of this rank are trained in the encoder (Hu et al. 2022), and the
            whole head.
        lora_alpha: Their scale.
    """

    encoder: str = "bert-base-uncased"
    max_length: int = 128
    windows: int = 1
    window_overlap: int = 32
    head: Head = "cls"
    normalised: bool = False
    scale: float = 1.0
    initialisation: Initialisation = "random"
    dropout: float = -1.0
    lora_rank: int = 0
    lora_alpha: float = 16.0

    def __post_init__(self) -> None:
        _check(
            {
                f"max_length = {self.max_length}; a window needs at least 8 tokens": self.max_length < 8,
                f"windows = {self.windows}; at least 1 is needed": self.windows < 1,
                f"window_overlap = {self.window_overlap}; with several windows, it must be at least 0 and below half "
                f"of max_length = {self.max_length}; set model.window_overlap = {self.max_length // 4}": (
                    self.windows > 1 and not 0 <= self.window_overlap < self.max_length / 2
                ),
                f"scale = {self.scale}; it must be above 0": not self.scale > 0,
                f"dropout = {self.dropout}; it must be below 1": not self.dropout < 1,
                f"lora_rank = {self.lora_rank}; it must not be negative": self.lora_rank < 0,
                f"lora_alpha = {self.lora_alpha}; it must be above 0": not self.lora_alpha > 0,
                "head = 'cls' takes the encoder's vectors as they are; normalised needs head = 'mean' or 'attention'": (
                    self.normalised and self.head == "cls"
                ),
            }
        )


@dataclass(frozen=True)
class LossSettings:
    """What training minimises; each loss works on sigmoids, one for each label.

    Attributes:
        loss: "bce": binary cross-entropy. "weighted-bce": a positive counts (negatives / positives of its label) to
            the power `weight_power`. "focal" (Lin et al. 2017). "asymmetric" (Ridnik et al. 2021). "class-balanced"
            (Cui et al. 2019). "distribution-balanced" (Wu et al. 2020). "softmax+bce": `softmax_share` of a
            cross-entropy over the labels of a paper, and the rest of binary cross-entropy.
        reduction: "mean" over papers and labels, as torch's BCE; "sum" over labels, mean over papers.
        label_smoothing: Targets go this share of the way from 0 or 1 to 1/2 (Szegedy et al. 2016), with any loss.
        weight_power: For "weighted-bce".
        focal_gamma: For "focal", "class-balanced" and "distribution-balanced": how much easy pairs lose; 0: nothing.
        focal_alpha: For "focal": the weight of positives, that of negatives being 1 - alpha; negative: no weights.
        gamma_positive: For "asymmetric": the focusing of positives.
        gamma_negative: For "asymmetric": the focusing of negatives.
        probability_margin: For "asymmetric": negatives below this probability count nothing.
        effective_beta: For "class-balanced": beta of the effective number of papers, (1 - beta^n) / (1 - beta).
        rebalance_alpha: For "distribution-balanced": the weight that each pair has at least.
        rebalance_beta: For "distribution-balanced": the slope of the weight's sigmoid.
        rebalance_mu: For "distribution-balanced": its middle.
        negative_scale: For "distribution-balanced": lambda, which tolerates negatives.
        bias_scale: For "distribution-balanced": kappa, of the bias that a label's frequency gives.
        softmax_share: For "softmax+bce".
    """

    loss: LossName = "bce"
    reduction: Reduction = "mean"
    label_smoothing: float = 0.0
    weight_power: float = 0.5
    focal_gamma: float = 2.0
    focal_alpha: float = -1.0
    gamma_positive: float = 0.0
    gamma_negative: float = 4.0
    probability_margin: float = 0.05
    effective_beta: float = 0.99
    rebalance_alpha: float = 0.1
    rebalance_beta: float = 10.0
    rebalance_mu: float = 0.2
    negative_scale: float = 2.0
    bias_scale: float = 0.05
    softmax_share: float = 0.5

    def __post_init__(self) -> None:
        _check(
            {
                f"reduction = '{self.reduction}'; choose 'mean' or 'sum'": self.reduction not in ("mean", "sum"),
                "label_smoothing must be in [0, 1)": not 0 <= self.label_smoothing < 1,
                "weight_power must not be negative": not self.weight_power >= 0,
                "focal_gamma, gamma_positive and gamma_negative must not be negative": not (
                    min(self.focal_gamma, self.gamma_positive, self.gamma_negative) >= 0
                ),
                "focal_alpha must be below 1": not self.focal_alpha < 1,
                "probability_margin must be in [0, 1)": not 0 <= self.probability_margin < 1,
                "effective_beta must be in [0, 1)": not 0 <= self.effective_beta < 1,
                "rebalance_alpha, rebalance_beta and bias_scale must not be negative": not (
                    min(self.rebalance_alpha, self.rebalance_beta, self.bias_scale) >= 0
                ),
                "negative_scale must be above 0": not self.negative_scale > 0,
                "softmax_share must be in [0, 1]": not 0 <= self.softmax_share <= 1,
            }
        )


@dataclass(frozen=True)
class SamplingSettings:
    """Which papers an epoch shows, and in which order.

    Attributes:
        oversampling: Above 0, a paper is repeated by its rarest label: a label that less than this share of the papers
            carries asks for sqrt(oversampling / share) copies (repeat factor sampling, Gupta et al. 2019).
        most_copies: No paper is shown more often in an epoch; at 2.5, it is 3 times in half of the epochs, else 2.
        length_buckets: Papers of similar length go into one batch, which saves padding.
    """

    oversampling: float = 0.0
    most_copies: float = 10.0
    length_buckets: bool = False

    def __post_init__(self) -> None:
        _check(
            {
                f"oversampling = {self.oversampling}; a share of the papers is meant": not 0 <= self.oversampling < 1,
                f"most_copies = {self.most_copies}; at least 1 is needed": not self.most_copies >= 1,
            }
        )


@dataclass(frozen=True)
class OptimisationSettings:
    """How long and how fast it learns, and what is kept on the way.

    Attributes:
        epochs: Passes over the papers.
        max_steps: Above 0, stop after so many updates, whatever `epochs` says.
        batch_size: Papers an update, over all devices and accumulation steps.
        accumulation: A batch is computed in so many parts, one after the other: less memory, the same update.
        learning_rate: AdamW's, at its highest.
        head_learning_rate: Of the classification head; 0: as `learning_rate`.
        layer_decay: Each layer learns by this factor slower than the one above it; 1: all alike.
        weight_decay: AdamW's; not for biases and norms.
        schedule: How the rate falls after the warm-up: "linear" or "cosine" to 0, or not at all.
        warmup: Share of the updates over which it rises from 0.
        clip_norm: Longest gradient; 0: no bound.
        early_stopping: Above 0, stop when the validation metric has not risen for so many epochs, and keep the best
            epoch. Without validation papers, `validation_share` of the training papers are set aside.
        validation_metric: Any metric of the evaluation (docs/metrics.md), such as "r@5" or "micro_f1", or "loss".
        validation_share: See `early_stopping`.
        precision: "bfloat16" trains with mixed precision; "auto": where the device computes in it.
        gradient_checkpointing: Compute activations twice instead of keeping them: less memory, about a third slower.
        device: "auto": the graphics card if there is one.
        checkpoint_steps: Updates between two checkpoints; 0: only at the end of an epoch.
        logging_steps: Updates between two lines of the training log.
        tensorboard: A folder for TensorBoard's files, with a sub-folder for each fit; empty: none.
    """

    epochs: int = 1
    max_steps: int = 0
    batch_size: int = 8
    accumulation: int = 1
    learning_rate: float = 1e-5
    head_learning_rate: float = 0.0
    layer_decay: float = 1.0
    weight_decay: float = 0.01
    schedule: Schedule = "constant"
    warmup: float = 0.0
    clip_norm: float = 0.0
    early_stopping: int = 0
    validation_metric: str = "r@5"
    validation_share: float = 0.1
    precision: Precision = "auto"
    gradient_checkpointing: bool = False
    device: Device = "auto"
    checkpoint_steps: int = 500
    logging_steps: int = 10
    tensorboard: str = ""

    def __post_init__(self) -> None:
        _check(
            {
                f"epochs = {self.epochs}; at least 1 is needed": self.epochs < 1,
                f"batch_size = {self.batch_size}; at least 1 is needed": self.batch_size < 1,
                f"accumulation = {self.accumulation}; at least 1 is needed": self.accumulation < 1,
                f"batch_size = {self.batch_size} cannot be cut into accumulation = {self.accumulation} equal parts": (
                    self.batch_size % max(self.accumulation, 1) > 0
                ),
                f"learning_rate = {self.learning_rate}; it must be above 0": not self.learning_rate > 0,
                f"layer_decay = {self.layer_decay}; it must be in (0, 1]": not 0 < self.layer_decay <= 1,
                f"warmup = {self.warmup}; a share of the updates is meant, below 1": not 0 <= self.warmup < 1,
                f"validation_share = {self.validation_share} is not between 0 and 1": not (
                    0 < self.validation_share < 1
                ),
                "logging_steps must be at least 1": self.logging_steps < 1,
                "max_steps, checkpoint_steps, early_stopping, head_learning_rate, weight_decay and clip_norm "
                "must not be negative": (
                    min(self.max_steps, self.checkpoint_steps, self.early_stopping) < 0
                    or min(self.head_learning_rate, self.weight_decay, self.clip_norm) < 0
                ),
            }
        )


@dataclass(frozen=True)
class EncoderSettings(OptimisationSettings, SamplingSettings, LossSettings, NetworkSettings):
    """The defaults are the described baseline: bert-base-uncased, 128 tokens, plain BCE, one epoch.

    `scixtag recipes` lists settings that do better.
    """

    def __post_init__(self) -> None:
        for part in (NetworkSettings, LossSettings, SamplingSettings, OptimisationSettings):
            part.__post_init__(self)


@dataclass(frozen=True)
class EmbeddingSettings:
    """Which encoder reads, and how concepts are placed among the papers' vectors.

    Attributes:
        encoder: A name on the Hugging Face hub, a local folder, or `package:NAME` for weights inside an installed
            Python package. One that was trained to compare sentences, by the mean of their tokens.
        max_length: Tokens of a paper, special tokens included; the rest is not read.
        label_text: The weight of the vector of a concept's names and definition beside its papers' weight of one.
            Above zero, a concept without any paper can be found too.
        count_power: Scores are multiplied by ((1 + papers of the concept) / (1 + papers of the most frequent one)) to
            this power; above zero, frequent concepts are preferred.
        device: "auto": the graphics card if there is one.
        cache: Keep the vectors of texts in the user's cache, so that no text is read twice for training.
    """

    encoder: str = "sentence-transformers/all-MiniLM-L6-v2"
    max_length: int = 256
    label_text: float = 1.5
    count_power: float = 0.1
    device: Device = "auto"
    cache: bool = True

    def __post_init__(self) -> None:
        if not self.label_text >= 0:
            raise ConfigError(f"label_text is {self.label_text}; it must not be negative")
        _ = self.network

    @property
    def network(self) -> NetworkSettings:
        """A linear layer on the mean of the tokens, scaled to length 1."""
        return NetworkSettings(self.encoder, self.max_length, head="mean", normalised=True)
