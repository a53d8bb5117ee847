import pytest
from hypothesis import given
from hypothesis import strategies as st

from scixtag.errors import InputError
from scixtag.vocabulary.concept import Concept, Vocabulary
from scixtag.vocabulary.hierarchy import MAX_PATHS, Hierarchy
from scixtag.vocabulary.uat_json import read_uat_json


def vocabulary(parents: list[tuple[int, ...]], deprecated: tuple[int, ...] = ()) -> Vocabulary:
    return Vocabulary(
        Concept(number, f"u:{number}", f"c{number}", broader=above, deprecated=number in deprecated)
        for number, above in enumerate(parents)
    )


#     0     6
#    / \   /
#   1   2 /     5 stands alone, 7 too but deprecated
#    \ / \|
#     3   4
DIAMOND = Hierarchy(vocabulary([(), (0,), (0,), (2, 1, 1), (2, 6), (), (), ()], deprecated=(7,)))


def test_every_relation_of_a_small_graph():
    assert DIAMOND.roots == (0, 5, 6)
    assert DIAMOND.parents(3) == (1, 2)
    assert DIAMOND.parents(0) == ()
    assert DIAMOND.children(2) == (3, 4)
    assert DIAMOND.children(4) == ()
    assert DIAMOND.siblings(1) == (2,)
    assert DIAMOND.siblings(3) == (4,)
    assert DIAMOND.siblings(0) == ()
    assert DIAMOND.ancestors(4) == (0, 2, 6)
    assert DIAMOND.descendants(0) == (1, 2, 3, 4)
    assert DIAMOND.descendants(5) == ()


def test_depth_is_the_shortest_way_up():
    assert [DIAMOND.depth(column) for column in range(8)] == [0, 1, 1, 2, 1, 0, 0, 0]


def test_paths_lead_from_every_root_shortest_first():
    assert DIAMOND.paths(3) == ((0, 1, 3), (0, 2, 3))
    assert DIAMOND.paths(4) == ((6, 4), (0, 2, 4))
    assert DIAMOND.paths(0) == ((0,),)
    assert DIAMOND.paths(7) == ((7,),)


def test_a_deprecated_root_with_narrower_concepts_is_a_root():
    assert Hierarchy(vocabulary([(), (0,)], deprecated=(0,))).roots == (0,)


def test_columns_are_not_ids():
    concepts = [Concept("b", "u:b", "B"), Concept("a", "u:a", "A", broader=("b",))]
    assert Hierarchy(Vocabulary(concepts)).parents(0) == (1,)


@pytest.mark.parametrize(
    ("parents", "cycle"),
    [
        ([(0,)], r"c0 \(0\) → c0 \(0\),"),
        ([(), (2,), (1,)], r"c1 \(1\) → c2 \(2\) → c1 \(1\),"),
        ([(), (0, 3), (1,), (2,), (3,)], r"c1 \(1\) → c3 \(3\) → c2 \(2\) → c1 \(1\),"),
        ([(1,), (2,), (3,), (2,)], r": c2 \(2\) → c3 \(3\) → c2 \(2\),"),
    ],
)
def test_a_cycle_is_named_in_order(parents, cycle):
    with pytest.raises(InputError, match=cycle):
        Hierarchy(vocabulary(parents))


def test_a_missing_broader_concept_is_named():
    with pytest.raises(InputError, match=r"concept 1 \(c1\) has the broader concept 5, which is not in"):
        Hierarchy(vocabulary([(), (5,)]))


def test_a_long_chain_needs_no_recursion():
    chain = Hierarchy(vocabulary([(), *((number,) for number in range(4999))]))
    assert chain.depth(4999) == 4999
    assert chain.ancestors(4999) == chain.paths(4999)[0][:-1] == tuple(range(4999))
    assert len(chain.descendants(0)) == 4999


def test_a_long_cycle_needs_no_recursion():
    with pytest.raises(InputError, match=r"cycle: c0 \(0\) → c4999 \(4999\) → c4998"):
        Hierarchy(vocabulary([(4999,), *((number,) for number in range(4999))]))


def test_paths_stop_at_the_limit():
    parents: list[tuple[int, ...]] = [()]
    for level in range(40):  # 2 ** 40 paths to the last concept
        top = 3 * level
        parents += [(top,), (top,), (top + 1, top + 2)]
    ladder = Hierarchy(vocabulary(parents))
    assert len(ladder.paths(120)) == MAX_PATHS
    assert len(set(ladder.paths(120, limit=7))) == 7
    assert len(ladder.paths(9)) == 8


def test_the_shortest_path_does_not_depend_on_the_limit():
    parents: list[tuple[int, ...]] = [()]
    for level in range(12):  # 2 ** 12 long paths, and one of a single step from the last concept's lowest parent
        top = 3 * level
        parents += [(top,), (top,), (top + 1, top + 2)]
    parents += [(0, 36)]
    ladder = Hierarchy(vocabulary(parents))
    assert ladder.shortest_path(37) == (0, 37)
    assert len(ladder.paths(37)) == MAX_PATHS
    assert min(map(len, ladder.paths(37))) > 2


def test_the_shortest_path_takes_the_lowest_of_the_nearest_parents():
    assert [DIAMOND.shortest_path(column) for column in (0, 3, 4, 7)] == [(0,), (0, 1, 3), (6, 4), (7,)]
    assert Hierarchy(vocabulary([(), (), (1,), (0,), (3, 2)])).shortest_path(4) == (1, 2, 4)


@st.composite
def graphs(draw: st.DrawFn) -> list[tuple[int, ...]]:
    """Edges lead to smaller numbers, so that there is no cycle."""
    size = draw(st.integers(1, 8))
    return [tuple(draw(st.sets(st.integers(0, n - 1), max_size=3))) if n else () for n in range(size)]


@given(graphs())
def test_paths_agree_with_depth_and_ancestors(parents):
    def slow_paths(column: int) -> set[tuple[int, ...]]:
        if not parents[column]:
            return {(column,)}
        return {(*path, column) for parent in parents[column] for path in slow_paths(parent)}

    hierarchy = Hierarchy(vocabulary(parents))
    for column in range(len(parents)):
        paths = slow_paths(column)
        assert set(hierarchy.paths(column)) == paths
        assert hierarchy.shortest_path(column) in {path for path in paths if len(path) == min(map(len, paths))}
        assert hierarchy.depth(column) == min(map(len, paths)) - 1
        assert set(hierarchy.ancestors(column)) == {step for path in paths for step in path} - {column}
        assert all(column in hierarchy.descendants(above) for above in hierarchy.ancestors(column))


@given(graphs(), st.data())
def test_an_edge_that_closes_a_cycle_is_found(parents, data):
    column = data.draw(st.integers(0, len(parents) - 1))
    below = [column, *Hierarchy(vocabulary(parents)).descendants(column)]
    parents[column] += (data.draw(st.sampled_from(below)),)
    with pytest.raises(InputError, match="cycle"):
        Hierarchy(vocabulary(parents))


def test_the_hierarchy_of_the_uat(shared):
    uat = read_uat_json(shared / "data" / "uat" / "UAT_list.json")
    hierarchy = Hierarchy(uat)
    columns = range(len(uat))
    assert len(hierarchy.roots) == 11
    assert max(hierarchy.depth(column) for column in columns) == 8
    assert max(len(hierarchy.paths(column)[-1]) for column in columns) == 11  # levels, as its release notes count
    assert max(len(hierarchy.paths(column)) for column in columns) == 11
    assert sum(len(hierarchy.parents(column)) > 1 for column in columns) == 332
    quasars = uat.column(1319)
    assert [uat[parent].name for parent in hierarchy.parents(quasars)] == [
        "Active galactic nuclei",
        "Supermassive black holes",
    ]
