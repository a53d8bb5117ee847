import numpy as np
import pytest
from evaluation_cases import random_case

from scixtag.errors import InputError
from scixtag.evaluation.bootstrap import intervals, paired_difference
from scixtag.evaluation.judgement_files import load_judgements, save_judgements
from scixtag.evaluation.judgements import Judgements
from scixtag.evaluation.measuring import measure
from scixtag.evaluation.metrics.registry import METRICS, get_metric

NAMES = ("p@1", "micro_f1", "macro_f1", "mean_set_size")
WANTED = {name: get_metric(name) for name in NAMES}


def same_papers(seed):
    """Two systems' answers for the same papers."""
    one, other = random_case(seed), random_case(seed)
    generator = np.random.default_rng(seed)
    selected = one.selected & (generator.random(one.selected.shape) < 0.5)
    return one.judged(), type(other)(
        one.scores, selected, one.targets, one.unknown, one.train_counts, one.train_papers
    ).judged()


def test_a_single_repeat_is_the_plain_bootstrap():
    judged, other = same_papers(3)
    found, second = (measure(WANTED, [one], replicates=60, seed=4) for one in (judged, other))
    plain = intervals(WANTED, judged, replicates=60, seed=4)
    for name in NAMES:
        assert found.interval(name) == plain[name]
        assert found.spread(name) is None
        assert found.less(second, name) == paired_difference(WANTED[name], judged, other, replicates=60, seed=4)


def test_repeats_are_averaged():
    one, other = same_papers(5)
    both = measure(WANTED, [one, other], replicates=40, seed=1)
    alone = [measure(WANTED, [each], replicates=40, seed=1) for each in (one, other)]
    for name in NAMES:
        values = [each.value(name) for each in alone]
        assert both.by_repeat[name] == tuple(values)
        assert both.value(name) == pytest.approx(np.mean(values))
        assert both.spread(name) == pytest.approx(np.std(values, ddof=1))
        np.testing.assert_allclose(both.draws[name], np.mean([each.draws[name] for each in alone], axis=0))


def test_the_smallest_difference_shrinks_with_the_papers():
    one, other = same_papers(6)
    few, many = (
        measure(WANTED, [Judgements.concatenate([judged] * times)], replicates=300, seed=2).less(
            measure(WANTED, [Judgements.concatenate([second] * times)], replicates=300, seed=2), "mean_set_size"
        )
        for judged, second, times in ((one, other, 1), (one, other, 16))
    )
    assert many.detectable == pytest.approx(few.detectable / 4, rel=0.25)


def test_what_can_be_shown_is_shown_in_four_of_five_test_sets():
    # Coin flips with a true difference of the size that is said to be detectable.
    generator = np.random.default_rng(0)
    papers, shown, runs = 400, 0, 200
    detectable = 2.8016 * np.sqrt(0.5 / papers)  # both right with 1/2, independently: variance of a difference 1/2
    for _ in range(runs):
        better, worse = generator.random(papers) < 0.5 + detectable, generator.random(papers) < 0.5
        difference = better.astype(float) - worse
        shown += abs(difference.mean()) > 1.96 * difference.std() / np.sqrt(papers)
    assert 0.72 < shown / runs < 0.88


def test_other_papers_are_refused():
    one, other = random_case(1).judged(), random_case(1).take(np.arange(3)).judged()
    with pytest.raises(InputError, match="cannot be averaged"):
        measure(WANTED, [one, other])
    with pytest.raises(InputError, match="0 repeats"):
        measure(WANTED, [])


@pytest.mark.parametrize("seed", range(4))
def test_papers_taken_are_those_judged_alone(seed):
    case = random_case(seed)
    rows = np.random.default_rng(seed).permutation(len(case.targets))[: max(1, len(case.targets) // 2)]
    taken, alone = case.judged().take(rows), case.take(rows).judged()
    for name, entry in METRICS.items():
        np.testing.assert_allclose(
            entry.metric(taken, taken.unit_weights), entry.metric(alone, alone.unit_weights), err_msg=name
        )


def test_judgements_come_back_from_a_file(tmp_path):
    judged = random_case(9).judged()
    save_judgements(judged, tmp_path / "j.npz")
    again = load_judgements(tmp_path / "j.npz")
    weights = np.random.default_rng(0).integers(0, 3, (len(judged), 5)).astype(float)
    for name, entry in METRICS.items():
        np.testing.assert_array_equal(entry.metric(judged, weights), entry.metric(again, weights), err_msg=name)


@pytest.mark.parametrize("harm", ["missing", "cut", "text", "other arrays"])
def test_a_file_that_holds_no_judgements_is_told(harm, tmp_path):
    path = tmp_path / "j.npz"
    save_judgements(random_case(9).judged(), path)
    if harm == "missing":
        path.unlink()
    elif harm == "cut":
        path.write_bytes(path.read_bytes()[:-40])
    elif harm == "text":
        path.write_text("no arrays")
    else:
        np.savez(path, columns=np.ones(3))
    with pytest.raises(InputError, match="no judgements can be read"):
        load_judgements(path)
