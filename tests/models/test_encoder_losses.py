"""Each loss beside a slow one, written from the paper's formula with Python's own numbers."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from scixtag.errors import ConfigError  # noqa: E402
from scixtag.models.encoder.losses import LOSSES, build_loss  # noqa: E402
from scixtag.models.encoder.settings import LossSettings  # noqa: E402

PAPERS = 40
COUNTS = np.array([1, 5, 0, 20, 40, 3])
TARGETS = [[0, 1, 0, 1, 1, 0], [1, 0, 0, 0, 1, 1], [0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 1, 0]]
LOGITS = [
    [0.3, -1.2, 2.5, 0.9, -0.4, -3.1],
    [-2.2, 0.7, -4.0, 1.6, 3.3, 0.2],
    [-0.8, -6.0, 0.1, 1.1, 5.2, -2.6],
    [4.1, -0.3, -1.9, -5.5, 0.6, 1.4],
]
SETTINGS = {
    "bce": LossSettings("bce"),
    "weighted": LossSettings("weighted-bce", weight_power=0.7),
    "focal": LossSettings("focal", focal_gamma=1.5),
    "focal with alpha": LossSettings("focal", focal_gamma=2.0, focal_alpha=0.25),
    "asymmetric": LossSettings("asymmetric", gamma_positive=1.0, gamma_negative=4.0, probability_margin=0.05),
    "asymmetric without margin": LossSettings("asymmetric", gamma_negative=2.0, probability_margin=0.0),
    "asymmetric with a slow start": LossSettings("asymmetric", gamma_negative=0.5, probability_margin=0.3),
    "class-balanced": LossSettings("class-balanced", effective_beta=0.9),
    "distribution-balanced": LossSettings("distribution-balanced", bias_scale=0.3),
    "softmax": LossSettings("softmax+bce", softmax_share=0.3),
}


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def seen(label):
    return max(int(COUNTS[label]), 1)


def slow_bce(z, y, **_):
    return -y * math.log(sigmoid(z)) - (1 - y) * math.log(1 - sigmoid(z))


def slow_weighted(z, y, *, s, label, **_):
    weight = (max(PAPERS - COUNTS[label], 1) / seen(label)) ** s.weight_power
    return -weight * y * math.log(sigmoid(z)) - (1 - y) * math.log(1 - sigmoid(z))


def slow_focal_without_alpha(z, y, gamma):
    p = sigmoid(z)
    return -y * (1 - p) ** gamma * math.log(p) - (1 - y) * p**gamma * math.log(1 - p)


def slow_focal(z, y, *, s, **_):
    if s.focal_alpha < 0:
        return slow_focal_without_alpha(z, y, s.focal_gamma)
    positive, negative = (slow_focal_without_alpha(z, side, s.focal_gamma) for side in (1, 0))
    return y * s.focal_alpha * positive + (1 - y) * (1 - s.focal_alpha) * negative


def slow_asymmetric(z, y, *, s, **_):
    p = sigmoid(z)
    shifted = max(p - s.probability_margin, 0)
    positive = (1 - p) ** s.gamma_positive * math.log(p)
    return -y * positive - (1 - y) * shifted**s.gamma_negative * math.log(1 - shifted)


def slow_class_balanced(z, y, *, s, label, **_):
    effective = [(1 - s.effective_beta ** seen(other)) / (1 - s.effective_beta) for other in range(len(COUNTS))]
    weight = (1 / effective[label]) / sum(1 / number for number in effective) * len(COUNTS)
    return weight * slow_focal_without_alpha(z, y, s.focal_gamma)


def slow_distribution_balanced(z, y, *, s, label, row, **_):
    own = [1 / seen(other) for other in range(len(COUNTS)) if row[other]]
    r = (1 / seen(label)) / (sum(own) if own else 1 / PAPERS)
    weight = s.rebalance_alpha + 1 / (1 + math.exp(-s.rebalance_beta * (r - s.rebalance_mu)))
    share = max(COUNTS[label], 0.5), max(PAPERS - COUNTS[label], 0.5)
    shifted = z - s.bias_scale * math.log(share[1] / share[0])
    positive = slow_focal_without_alpha(shifted, 1, s.focal_gamma)
    negative = slow_focal_without_alpha(s.negative_scale * shifted, 0, s.focal_gamma) / s.negative_scale
    return weight * (y * positive + (1 - y) * negative)


def slow_softmax(z, y, *, s, label, row, logits):
    aim = 0.0
    if sum(row):
        aim = (1 - s.label_smoothing) * row[label] / sum(row) + s.label_smoothing / len(row)
    softmax = math.exp(z) / sum(math.exp(other) for other in logits)
    return -s.softmax_share * aim * math.log(softmax) + (1 - s.softmax_share) * slow_bce(z, y)


SLOW = {
    "bce": slow_bce,
    "weighted-bce": slow_weighted,
    "focal": slow_focal,
    "asymmetric": slow_asymmetric,
    "class-balanced": slow_class_balanced,
    "distribution-balanced": slow_distribution_balanced,
    "softmax+bce": slow_softmax,
}


def slow(settings, logits=LOGITS, targets=TARGETS):
    """All pairs one by one, smoothed targets to the loss and the paper's own labels beside them."""
    sums = []
    for row, scores in zip(targets, logits, strict=True):
        smoothed = [y * (1 - settings.label_smoothing) + settings.label_smoothing / 2 for y in row]
        pairs = [
            SLOW[settings.loss](scores[label], smoothed[label], s=settings, label=label, row=row, logits=scores)
            for label in range(len(row))
        ]
        sums.append(sum(pairs) / (len(row) if settings.reduction == "mean" else 1))
    return sum(sums) / len(sums)


def changed(settings, **changes):
    return LossSettings(**(vars(settings) | changes))


def loss_of(settings, logits=LOGITS, targets=TARGETS, dtype=torch.float64):
    loss = build_loss(settings, COUNTS, PAPERS)
    return loss(torch.tensor(logits, dtype=dtype), torch.tensor(targets, dtype=torch.float32))


def gradient_of(settings, logits, targets=TARGETS):
    logits = torch.tensor(logits, requires_grad=True)
    build_loss(settings, COUNTS, PAPERS)(logits, torch.tensor(targets, dtype=torch.float32)).backward()
    return logits.grad


over_all = pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)


def test_every_loss_has_a_slow_one_and_a_case_here():
    assert set(SLOW) == set(LOSSES) == {settings.loss for settings in SETTINGS.values()}


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@over_all
def test_equals_the_formula(settings, reduction, smoothing):
    settings = changed(settings, reduction=reduction, label_smoothing=smoothing)
    # Constants are float32, hence not closer.
    assert loss_of(settings).item() == pytest.approx(slow(settings), rel=1e-6)
    assert loss_of(settings, dtype=torch.float32).item() == pytest.approx(slow(settings), rel=1e-5)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@over_all
def test_gradient_is_that_of_the_value(settings, smoothing):
    loss = build_loss(changed(settings, label_smoothing=smoothing), COUNTS, PAPERS)
    logits = torch.tensor(LOGITS, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda z: loss(z, torch.tensor(TARGETS)), logits)


@pytest.mark.parametrize("size", [0.0, 1.0, 30.0, 200.0, 1e4])
@over_all
def test_value_and_gradient_are_finite_at_extreme_logits(settings, size):
    logits = [[size * (-1) ** (paper + label) for label in range(6)] for paper in range(4)]
    value, gradient = loss_of(settings, logits, dtype=torch.float32), gradient_of(settings, logits)
    assert math.isfinite(value.item())
    assert value.item() >= 0
    assert gradient.isfinite().all()


@over_all
def test_a_label_missed_with_confidence_still_pulls(settings):
    """A clamped probability would have no gradient left."""
    assert gradient_of(settings, [[0.0, -200.0, 0.0, 0.0, 0.0, 0.0]], TARGETS[:1])[0, 1] < -0.03


@over_all
def test_half_precision_is_computed_in_float32_also_under_autocast(settings):
    half = torch.tensor(LOGITS, dtype=torch.bfloat16)
    loss, targets = build_loss(settings, COUNTS, PAPERS), torch.tensor(TARGETS, dtype=torch.bfloat16)
    expected = loss(half.float(), targets.float())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        values = [loss(half, targets), loss(half.float(), targets.float())]
    values.append(loss(half, targets))
    assert all(value.dtype == torch.float32 and torch.equal(value, expected) for value in values)


@over_all
def test_papers_without_labels_are_no_trouble(settings):
    nothing = [[0] * 6] * 4
    assert loss_of(settings, targets=nothing).item() == pytest.approx(slow(settings, targets=nothing), rel=1e-6)
    assert gradient_of(settings, LOGITS, nothing).isfinite().all()


@pytest.mark.parametrize("counts", [[0, 0, 0], [7, 7, 7], [0, 7, 3], [1, 0, 0]])
@over_all
def test_labels_of_no_paper_or_of_all_give_numbers(settings, counts):
    loss = build_loss(settings, np.array(counts), 7)
    assert all(buffer.isfinite().all() for buffer in loss.buffers())
    assert loss(torch.zeros(2, 3), torch.tensor([[0, 0, 0], [1, 1, 1]])).isfinite()


@over_all
def test_constants_follow_to_the_device_and_are_not_saved(settings):
    loss = build_loss(settings, COUNTS, PAPERS)
    assert not loss.state_dict()
    assert not list(loss.parameters())
    assert all(buffer.is_meta for buffer in loss.to("meta").buffers())
    # An attribute beside the buffers would stay behind.
    assert not any(isinstance(value, torch.Tensor) for value in vars(loss).values())


@pytest.mark.parametrize(
    "settings",
    [
        LossSettings("weighted-bce", weight_power=0.0),
        LossSettings("focal", focal_gamma=0.0),
        LossSettings("asymmetric", gamma_positive=0.0, gamma_negative=0.0, probability_margin=0.0),
        LossSettings("class-balanced", effective_beta=0.0, focal_gamma=0.0),
        LossSettings("softmax+bce", softmax_share=0.0),
    ],
    ids=lambda settings: settings.loss,
)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_without_its_parameters_it_is_binary_cross_entropy(settings, smoothing):
    plain = LossSettings("bce", label_smoothing=smoothing)
    assert loss_of(changed(settings, label_smoothing=smoothing)).item() == pytest.approx(loss_of(plain).item())


def test_bce_is_torchs_own():
    logits, targets = torch.tensor(LOGITS), torch.tensor(TARGETS, dtype=torch.float32)
    assert torch.equal(loss_of(LossSettings(), dtype=torch.float32), torch.nn.BCEWithLogitsLoss()(logits, targets))


def test_focal_with_half_alpha_is_half_of_it():
    with_alpha, without = (LossSettings("focal", focal_alpha=alpha) for alpha in (0.5, -1.0))
    assert loss_of(with_alpha).item() == pytest.approx(loss_of(without).item() / 2)


@pytest.mark.parametrize(
    "settings",
    [
        LossSettings("asymmetric", gamma_positive=2.0, gamma_negative=2.0, probability_margin=0.0),
        LossSettings("class-balanced", effective_beta=0.0),
        # A flat sigmoid is 1/2, and alpha adds the other half.
        LossSettings(
            "distribution-balanced", rebalance_alpha=0.5, rebalance_beta=0.0, bias_scale=0.0, negative_scale=1.0
        ),
    ],
    ids=lambda settings: settings.loss,
)
def test_without_its_other_parameters_it_is_focal(settings):
    assert loss_of(settings).item() == pytest.approx(loss_of(LossSettings("focal", focal_gamma=2.0)).item())


def test_negatives_below_the_margin_count_nothing():
    settings = LossSettings("asymmetric", gamma_negative=0.5, probability_margin=0.3)
    below = math.log(0.29 / 0.71)
    gradient = gradient_of(settings, [[below, -20.0, 0.0]], [[0, 0, 0]])
    assert gradient[0, :2].tolist() == [0.0, 0.0]
    assert gradient[0, 2] > 0
    assert loss_of(settings, [[below, -20.0]], [[0, 0]]).item() == 0


def test_a_negative_right_at_the_margin_has_no_gradient():
    """The slope of a square root at 0 is infinite."""
    settings = LossSettings("asymmetric", gamma_negative=0.5, probability_margin=0.5)
    assert gradient_of(settings, [[0.0]], [[0]]).tolist() == [[0.0]]


def test_class_balanced_weights_sum_to_the_labels_and_fall_with_the_papers():
    weights = build_loss(LossSettings("class-balanced"), COUNTS, PAPERS).weights
    assert weights.sum().item() == pytest.approx(len(COUNTS))
    assert weights[0] > weights[5] > weights[1] > weights[3] > weights[4]
    assert weights[2] == weights[0]


def test_distribution_balanced_weighs_a_rare_label_beside_a_common_one():
    """Label 0 (1 paper) and label 4 (40 papers) together: r = 40/41 and 1/41, weights by hand."""
    loss = build_loss(LossSettings("distribution-balanced"), COUNTS, PAPERS)
    weights = loss._weights(torch.tensor([[1.0, 0, 0, 0, 1, 0]]))[0]
    assert weights[0].item() == pytest.approx(0.1 + sigmoid(10 * (40 / 41 - 0.2)))
    assert weights[4].item() == pytest.approx(0.1 + sigmoid(10 * (1 / 41 - 0.2)))


def test_smoothing_moves_targets_a_share_of_the_way_to_a_half():
    smooth = build_loss(LossSettings(label_smoothing=0.2), COUNTS, PAPERS).smoothed(torch.tensor([0.0, 0.5, 1.0]))
    assert smooth.tolist() == pytest.approx([0.1, 0.5, 0.9])


@over_all
def test_the_sum_is_the_mean_times_the_labels(settings):
    summed = loss_of(changed(settings, reduction="sum"))
    assert summed.item() == pytest.approx(len(COUNTS) * loss_of(settings).item())


def test_an_unknown_loss_is_named():
    with pytest.raises(ConfigError, match=r"no loss is called 'focus'; did you mean 'focal'\?"):
        build_loss(LossSettings("focus"), COUNTS, PAPERS)


@pytest.mark.parametrize("wrong", [{"rebalance_alpha": -0.1}, {"bias_scale": -1.0}, {"reduction": "none"}])
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        LossSettings(**wrong)
