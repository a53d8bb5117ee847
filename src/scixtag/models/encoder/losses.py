"""What training minimises: losses on the logits of papers and labels, by name.

All are sums over pairs of a paper and a label, so that `reduction` means the same for each of them, and all are linear
in the targets: y * (loss of a positive) + (1 - y) * (loss of a negative), so that targets may lie between 0 and 1.
Probabilities stay logarithms as long as possible, for a rounded 0 has no logarithm and no gradient.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from scixtag.errors import ConfigError, nearest
from scixtag.models.encoder.settings import LossSettings

Counts = npt.NDArray[np.int64]


class Loss(nn.Module):
    """A loss for many labels; called as `loss(logits, targets)`, it returns a scalar.

    Half-precision logits are computed with in float32, also under autocast; float64 stays float64. What a loss
    derives from the training papers moves with `.to(device)` and is in no state dict: it can be derived again.

    Args:
        settings: Which loss it is, and its parameters.
        label_counts: int64 (labels,), the training papers of each label; may be 0.
        papers: How many training papers there are.
    """

    settings: LossSettings

    def __init__(self, settings: LossSettings, label_counts: Counts, papers: int) -> None:
        super().__init__()
        self.settings = settings

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        """The loss of a batch: logits and targets (papers, labels) to a scalar of at least float32."""
        if logits.dtype in (torch.float16, torch.bfloat16):
            logits = logits.float()
        pairs = self.pairs(logits, targets.to(logits.dtype))
        return pairs.mean() if self.settings.reduction == "mean" else pairs.sum(dim=-1).mean()

    def pairs(self, logits: Tensor, targets: Tensor) -> Tensor:
        """The loss of each paper and label, (papers, labels)."""
        raise NotImplementedError

    def smoothed(self, targets: Tensor) -> Tensor:
        """Label smoothing where the answer is yes or no: y (1 - s) + s / 2 (Szegedy et al. 2016, arXiv:1512.00567)."""
        smoothing = self.settings.label_smoothing
        return targets * (1 - smoothing) + smoothing / 2 if smoothing else targets

    def remember(self, name: str, values: npt.NDArray[np.float64]) -> None:
        """Keep (labels,) constants that follow the module to its device."""
        self.register_buffer(name, torch.as_tensor(values, dtype=torch.float32), persistent=False)


class BinaryCrossEntropy(Loss):
    """-y log p - (1 - y) log(1 - p) with p = sigmoid(logit), as torch computes it."""

    def pairs(self, logits: Tensor, targets: Tensor) -> Tensor:
        """See `Loss.pairs`."""
        return functional.binary_cross_entropy_with_logits(logits, self.smoothed(targets), reduction="none")


class WeightedBinaryCrossEntropy(Loss):
    """Binary cross-entropy in which a positive counts ((papers - n) / n) ^ `weight_power`, n being its label's papers.

    At power 1 both sides of a label weigh the same in all (King and Zeng 2001, on rare events); below 1 rare labels
    gain less. Both numbers count as at least one paper.
    """

    weights: Tensor

    def __init__(self, settings: LossSettings, label_counts: Counts, papers: int) -> None:
        super().__init__(settings, label_counts, papers)
        odds = np.maximum(papers - label_counts, 1) / np.maximum(label_counts, 1)
        self.remember("weights", odds**settings.weight_power)

    def pairs(self, logits: Tensor, targets: Tensor) -> Tensor:
        """See `Loss.pairs`."""
        return functional.binary_cross_entropy_with_logits(
            logits, self.smoothed(targets), reduction="none", pos_weight=self.weights.to(logits.dtype)
        )


def _focused(logits: Tensor, gamma: float) -> Tensor:
    """-(1 - p)^gamma log p of p = sigmoid(logit); with -logits, the same of 1 - p."""
    loss = -functional.logsigmoid(logits)
    return torch.exp(gamma * functional.logsigmoid(-logits)) * loss if gamma else loss


class Focal(Loss):
    """-alpha (1 - p)^gamma log p for a positive, -(1 - alpha) p^gamma log(1 - p) for a negative.

    Lin et al. 2017, arXiv:1708.02002, equation 5. They divide by the number of positives; here `reduction` decides.
    Without alpha (a negative one) both sides count once, equation 4.
    """

    def pairs(self, logits: Tensor, targets: Tensor) -> Tensor:
        """See `Loss.pairs`."""
        alpha, targets = self.settings.focal_alpha, self.smoothed(targets)
        positive, negative = (alpha, 1 - alpha) if alpha >= 0 else (1.0, 1.0)
        gamma = self.settings.focal_gamma
        return positive * targets * _focused(logits, gamma) + negative * (1 - targets) * _focused(-logits, gamma)


class Asymmetric(Loss):
    """-(1 - p)^gamma+ log p for a positive, -q^gamma- log(1 - q) with q = max(p - margin, 0) for a negative.

    Ridnik et al. 2021, arXiv:2009.14119. The gradient runs through the focusing weights too, as in their gradient
    analysis and in Lin et al.; their training script holds the weights fixed (`disable_torch_grad_focal_loss`), an
    option that the paper does not describe. They add up all pairs of a batch; here `reduction` decides.
    """

    def pairs(self, logits: Tensor, targets: Tensor) -> Tensor:
        """See `Loss.pairs`."""
        settings, targets = self.settings, self.smoothed(targets)
        negative = _shifted(logits, settings.gamma_negative, settings.probability_margin)
        return targets * _focused(logits, settings.gamma_positive) + (1 - targets) * negative


def _shifted(logits: Tensor, gamma: float, margin: float) -> Tensor:
    """-q^gamma log(1 - q) with q = max(p - margin, 0)."""
    if margin == 0:
        return _focused(-logits, gamma)
    probabilities = torch.sigmoid(logits) - margin
    counting = probabilities > 0
    # A power of 0 may have an infinite slope, and 0 times infinity, which is what `where` makes of it, is nan.
    weights = torch.where(counting, probabilities, 0.5) ** gamma
    log_negatives = torch.logaddexp(functional.logsigmoid(-logits), torch.full_like(logits, math.log(margin)))
    return torch.where(counting, -weights * log_negatives, 0.0)


class ClassBalanced(Loss):
    """Focal loss (`focal_gamma`, no alpha), each label weighted by 1 / its effective number of papers.

    Cui et al. 2019, arXiv:1901.05555: weights (1 - beta) / (1 - beta^n), scaled to a mean of 1 over the labels. Their
    images have one label each, whose weight all pairs of the image take; with several labels, a pair takes the weight
    of its own label, as in Huang et al. 2021, arXiv:2109.04712. They divide by the number of positives; here
    `reduction` decides. A label without papers counts as one with a single paper. At `effective_beta` = 0 all weights
    are 1.
    """

    weights: Tensor

    def __init__(self, settings: LossSettings, label_counts: Counts, papers: int) -> None:
        super().__init__(settings, label_counts, papers)
        beta = settings.effective_beta
        weights = (1 - beta) / (1 - beta ** np.maximum(label_counts, 1).astype(np.float64))
        self.remember("weights", weights * len(weights) / weights.sum())

    def pairs(self, logits: Tensor, targets: Tensor) -> Tensor:
        """See `Loss.pairs`."""
        gamma, targets = self.settings.focal_gamma, self.smoothed(targets)
        pairs = targets * _focused(logits, gamma) + (1 - targets) * _focused(-logits, gamma)
        return self.weights.to(logits.dtype) * pairs


class DistributionBalanced(Loss):
    """Focal loss with weights for labels that come together, and with negatives that soon count little.

    Wu et al. 2020, arXiv:2007.09654. With n papers of N carrying a label and z a logit:

    - Weight of a pair: alpha + sigmoid(beta (r - mu)), where r = (1 / n of the label) / (sum of
      1 / n over the paper's labels) is how much more often the paper is drawn when labels are drawn first.
    - Negative-tolerant regularisation (equations 7 to 10, as corrected in issue 1 of the authors' code): z becomes
      z' = z - kappa log(N / n - 1), a positive costs -log sigmoid(z'), a negative -log sigmoid(-lambda z') / lambda.
    - Focal factors with `focal_gamma` on sigmoid(z') and sigmoid(lambda z'), as in the authors' code.

    The authors' code divides kappa by lambda, which their issue 8 calls a mistake; like Huang et al. 2021
    (arXiv:2109.04712), who tried the loss on text, we do not. There is no constant factor in front (2 in Wu's code,
    1/2 in Huang's). Weights follow the targets as they are before label smoothing. A label without papers counts as
    one with a single paper in r, and with half a paper in the bias, as does what is missing in a label that all
    papers carry. A paper without labels counts as if it had one that all papers carry; the authors divide by 0.
    """

    inverse: Tensor
    bias: Tensor

    def __init__(self, settings: LossSettings, label_counts: Counts, papers: int) -> None:
        super().__init__(settings, label_counts, papers)
        self.papers = max(papers, 1)
        odds = np.maximum(label_counts, 0.5) / np.maximum(papers - label_counts, 0.5)
        self.remember("inverse", 1 / np.maximum(label_counts, 1))
        self.remember("bias", settings.bias_scale * np.log(odds))

    def pairs(self, logits: Tensor, targets: Tensor) -> Tensor:
        """See `Loss.pairs`."""
        gamma, scale, smoothed = self.settings.focal_gamma, self.settings.negative_scale, self.smoothed(targets)
        logits = logits + self.bias
        positive, negative = _focused(logits, gamma), _focused(-scale * logits, gamma) / scale
        return self._weights(targets) * (smoothed * positive + (1 - smoothed) * negative)

    def _weights(self, targets: Tensor) -> Tensor:
        drawn = (targets * self.inverse).sum(dim=-1, keepdim=True).clamp(min=1 / self.papers)
        middle, slope = self.settings.rebalance_mu, self.settings.rebalance_beta
        return self.settings.rebalance_alpha + torch.sigmoid(slope * (self.inverse / drawn - middle))


class SoftmaxBinaryCrossEntropy(Loss):
    """`softmax_share` of a cross-entropy over the labels of a paper, and the rest of binary cross-entropy.

    A paper with k labels aims at 1 / k for each of them (Mahajan et al. 2018, arXiv:1805.00932), which
    puts its labels in front of all others; binary cross-entropy makes probabilities of the logits. Both are summed
    over the labels of a paper before they are mixed, so the share means the same with either reduction. Label
    smoothing of the softmax goes towards 1 / labels (Szegedy et al. 2016). A paper without labels has no softmax part.
    """

    def pairs(self, logits: Tensor, targets: Tensor) -> Tensor:
        """See `Loss.pairs`."""
        share = self.settings.softmax_share
        binary = functional.binary_cross_entropy_with_logits(logits, self.smoothed(targets), reduction="none")
        return share * self._softmax_pairs(logits, targets) + (1 - share) * binary

    def _softmax_pairs(self, logits: Tensor, targets: Tensor) -> Tensor:
        smoothing, labels = self.settings.label_smoothing, targets.shape[-1]
        mass = targets.sum(dim=-1, keepdim=True)
        aims = (1 - smoothing) * targets / torch.where(mass > 0, mass, 1.0) + smoothing / labels * (mass > 0)
        return -aims * functional.log_softmax(logits, dim=-1)


LOSSES: dict[str, type[Loss]] = {
    "bce": BinaryCrossEntropy,
    "weighted-bce": WeightedBinaryCrossEntropy,
    "focal": Focal,
    "asymmetric": Asymmetric,
    "class-balanced": ClassBalanced,
    "distribution-balanced": DistributionBalanced,
    "softmax+bce": SoftmaxBinaryCrossEntropy,
}
"""The losses by the names that `LossSettings.loss` takes."""


def build_loss(settings: LossSettings, label_counts: npt.NDArray[Any], papers: int) -> Loss:
    """The loss that the settings name.

    Args:
        settings: Name and parameters.
        label_counts: int64 (labels,), the training papers of each label.
        papers: How many training papers there are.

    Raises:
        ConfigError: No loss has this name.
    """
    if settings.loss not in LOSSES:
        raise ConfigError(f"no loss is called '{settings.loss}'; {nearest(settings.loss, LOSSES)}")
    return LOSSES[settings.loss](settings, np.asarray(label_counts, dtype=np.int64), papers)
