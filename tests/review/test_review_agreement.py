"""Agreement, against published values and by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_cases import DUST, GALAXIES, LENSES, ORIGIN, QUASARS, put

from scixtag.review.agreement import (
    cohen_kappa,
    curator_agreement,
    krippendorff_alpha,
    model_weeks,
    set_f1,
    verdicts,
)
from scixtag.review.decisions import Wish
from scixtag.review.desk import Desk, all_papers

# Krippendorff (2011), example A: two observers, ten articles, alpha = 0.095.
FIRST, SECOND = "0100000010", "1110010000"
# Cohen's kappa of a table with 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: 0.4.
TABLE = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15


@pytest.fixture
def database(lite):
    return lite


def test_alpha_of_the_published_example():
    units = [(one == "1", other == "1") for one, other in zip(FIRST, SECOND, strict=True)]
    assert krippendorff_alpha(units) == pytest.approx(0.095, abs=5e-4)


def test_kappa_of_a_known_table():
    assert cohen_kappa(TABLE) == pytest.approx(0.4)


def test_measures_of_what_does_not_vary():
    assert krippendorff_alpha([]) is krippendorff_alpha([(True, True)]) is krippendorff_alpha([(True,)]) is None
    assert cohen_kappa([]) is cohen_kappa([(False, False)] * 3) is None
    assert set_f1(frozenset(), frozenset()) == 1
    assert set_f1(frozenset("ab"), frozenset("bc")) == 0.5


@given(st.lists(st.lists(st.booleans(), min_size=1, max_size=4), max_size=12), st.randoms())
def test_alpha_knows_no_order_and_no_side(units, drawn):
    mixed = [drawn.sample(unit, len(unit)) for unit in drawn.sample(units, len(units))]
    turned = [[not value for value in unit] for unit in units]
    for same in (mixed, turned):
        assert krippendorff_alpha(same) == pytest.approx(krippendorff_alpha(units))


@given(st.lists(st.booleans(), min_size=2))
def test_who_always_agrees_has_alpha_one(values):
    expected = 1.0 if len(set(values)) == 2 else None
    assert krippendorff_alpha([(v, v) for v in values]) == expected
    assert cohen_kappa([(v, v) for v in values]) == expected


def test_what_each_curator_left(database):
    put(database, "a", "b")
    desk = Desk(database)
    desk.record_all("a", 0, [Wish("accept", DUST), Wish("done")], "ann")
    desk.record_all("a", 2, [Wish("reject", GALAXIES), Wish("done"), Wish("note", text="x")], "bob")
    desk.record_all("a", 5, [Wish("add", LENSES)], "eve")
    found = verdicts(desk.paper("a"))
    assert found == {
        "ann": frozenset({GALAXIES.uri, QUASARS.uri, DUST.uri}),
        "bob": frozenset({QUASARS.uri, DUST.uri}),
    }
    desk.record("a", 6, "undo", undoes=4, who="bob")
    assert set(verdicts(desk.paper("a"))) == {"ann"}


@pytest.mark.parametrize(
    ("later", "left"),
    [
        # Ann left all three; at 4 bob has rejected one of them.
        ([("ann", Wish("note", text="x")), ("ann", Wish("undo"))], {GALAXIES, QUASARS, DUST}),
        ([("bob", Wish("note", text="x")), ("ann", Wish("undo", undoes=5))], {GALAXIES, QUASARS, DUST}),
        ([("ann", Wish("accept", GALAXIES)), ("ann", Wish("undo"))], {GALAXIES, QUASARS, DUST}),
        ([("ann", Wish("undo", undoes=1))], {GALAXIES, QUASARS}),
        ([("ann", Wish("accept", LENSES))], {QUASARS, DUST, LENSES}),
        ([("ann", Wish("accept", LENSES)), ("bob", Wish("undo", undoes=5))], {QUASARS, DUST, LENSES}),
        ([("ann", Wish("done"))], {QUASARS, DUST}),
    ],
)
def test_what_somebody_left_moves_with_what_they_decide_alone(database, later, left):
    put(database, "a")
    desk = Desk(database)
    desk.record_all("a", 0, [Wish("accept", DUST), Wish("done")], "ann")
    desk.record_all("a", 2, [Wish("reject", GALAXIES), Wish("done")], "bob")
    for seq, (who, wish) in enumerate(later, 4):
        desk.record_all("a", seq, [wish], who)
    found = verdicts(desk.paper("a"))
    assert found["ann"] == {concept.uri for concept in left}
    assert found["bob"] == {QUASARS.uri, DUST.uri}


def test_agreement_between_curators(database):
    put(database, "a", "b", "c")
    desk = Desk(database)
    desk.record_all("a", 0, [Wish("done")], "ann")
    desk.record_all("a", 1, [Wish("reject", GALAXIES), Wish("add", LENSES), Wish("done")], "bob")
    desk.record_all("b", 0, [Wish("done")], "ann")
    desk.record_all("b", 1, [Wish("done")], "bob")
    desk.record_all("c", 0, [Wish("done")], "ann")
    found = curator_agreement(all_papers(database))
    # a: Galaxy evolution and Lenses differ, Quasars and Dust agree; b: all three agree.
    assert (found.papers, found.concepts) == (2, 7)
    (pair,) = found.pairs
    assert (pair.first, pair.second, pair.papers, pair.concepts) == ("ann", "bob", 2, 7)
    assert pair.observed == pytest.approx(5 / 7)
    assert pair.mean_f1 == pytest.approx((0.5 + 1) / 2)
    # Both say yes to 4 of 7.
    expected = (4 / 7) ** 2 + (3 / 7) ** 2
    assert pair.kappa == pytest.approx((5 / 7 - expected) / (1 - expected))
    assert found.alpha == pytest.approx(1 - 13 * 4 / (2 * 8 * 6))


def test_the_model_by_week(database, monkeypatch):
    import datetime

    from scixtag.review import desk as module

    put(database, "a", "b", "c")
    desk = Desk(database)
    for day, paper, wishes in (
        (1, "a", [Wish("reject", GALAXIES), Wish("done")]),
        (3, "b", [Wish("add", LENSES), Wish("accept", DUST), Wish("done")]),
        (9, "c", [Wish("done")]),
    ):
        monkeypatch.setattr(module, "now", lambda day=day: datetime.datetime(2026, 1, day, tzinfo=datetime.UTC))
        desk.record_all(paper, 0, wishes, "ann")
    first, second = model_weeks(all_papers(database))
    assert (first.week, first.model, first.digest) == ("2026-W01", ORIGIN.model, ORIGIN.digest)
    assert (first.papers, first.selected, first.kept, first.labels) == (2, 4, 3, 5)
    assert (first.precision, first.added_per_paper) == (0.75, 1.0)
    assert (second.week, second.precision, second.added_per_paper) == ("2026-W02", 1.0, 0.0)
