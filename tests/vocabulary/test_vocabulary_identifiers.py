import pytest
from hypothesis import given
from hypothesis import strategies as st

from scixtag.vocabulary.identifiers import assign_ids, common_base, local_name

UAT = "http://astrothesaurus.org/uat/"


def test_numbers_of_the_uat_in_order_of_value():
    ids = assign_ids([UAT + "594", UAT + "0", UAT + "1319"])
    assert list(ids.items()) == [(UAT + "0", 0), (UAT + "594", 594), (UAT + "1319", 1319)]


def test_a_shared_prefix_is_left_out():
    ids = assign_ids(["http://www.yso.fi/onto/yso/p10", "http://www.yso.fi/onto/yso/p9"])
    assert list(ids.values()) == [9, 10]


@pytest.mark.parametrize(
    ("names", "ids"),
    [
        (["594", "quasars"], ["594", "quasars"]),
        (["p10", "q11"], ["p10", "q11"]),
        (["p10", "10"], ["10", "p10"]),
        (["7", "007"], ["007", "7"]),
        (["007", "8"], [7, 8]),
        (["a1b2", "a1b3"], ["a1b2", "a1b3"]),
        (["12x", "13x"], ["12x", "13x"]),
        (["٣", "٤"], ["٣", "٤"]),
        (["9" * 18, "1"], [1, 10**18 - 1]),
        (["9" * 19, "1"], ["1", "9" * 19]),
        (["c_1", "c_2"], [1, 2]),
    ],
)
def test_the_whole_vocabulary_decides(names, ids):
    assert list(assign_ids(f"http://example.org/{name}" for name in names).values()) == ids


def test_a_number_twice_and_a_name_twice_leave_the_uris():
    uris = ["http://a.org/1", "http://b.org/1"]
    assert assign_ids(uris) == {uri: uri for uri in uris}


def test_a_number_twice_under_distinct_names_leaves_the_names():
    assert assign_ids(["http://a.org/1", "http://b.org/01", "http://b.org/2"]) == {
        "http://a.org/1": "1",
        "http://b.org/01": "01",
        "http://b.org/2": "2",
    }


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("http://a.org/x#594", "594"),
        ("http://a.org/594/", "594"),
        ("http://a.org#x/594", "594"),
        ("urn:x:594", "urn:x:594"),
    ],
)
def test_local_names(uri, name):
    assert local_name(uri) == name


def test_nothing_has_no_ids():
    assert assign_ids([]) == {}


uris = st.lists(
    st.builds(
        "http://{}.org/{}{}".format,
        st.sampled_from("ab"),
        st.sampled_from(["", "p", "p0"]),
        st.text("0123/#", max_size=3),
    ),
    max_size=6,
    unique=True,
)


@given(uris, st.randoms(use_true_random=False))
def test_ids_are_distinct_of_one_kind_and_independent_of_the_order(listed, random):
    ids = assign_ids(listed)
    shuffled = random.sample(listed, len(listed))
    assert list(assign_ids(shuffled).items()) == list(ids.items())
    assert set(ids) == set(listed)
    assert len(set(ids.values())) == len(listed)
    assert len({type(value) for value in ids.values()}) <= 1
    assert list(ids.values()) == sorted(ids.values())


@pytest.mark.parametrize(
    ("uris", "base"),
    [
        (["http://astrothesaurus.org/uat/594", "http://astrothesaurus.org/uat/5"], "http://astrothesaurus.org/uat/"),
        (["https://x.org/v#a"], "https://x.org/v#"),
        (["urn:nbn:fi:1", "urn:nbn:fi:12"], "urn:nbn:fi:"),
        (["http://x.org/a", "http://y.org/a"], ""),
        (["http://x.org/a", "https://x.org/a"], ""),
        (["urn:a:1", "urn:b:1"], ""),
        (["a", "b"], ""),
    ],
)
def test_the_common_base_of_uris(uris, base):
    assert common_base(uris) == base
    assert common_base(reversed(uris)) == base
