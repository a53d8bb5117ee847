import json
import re
from xml.etree import ElementTree

import pytest

from scixtag.formats.keywords.registry import FORMS

TITLE = "White-light flares from fast-rotating red dwarfs"


@pytest.mark.parametrize("form", FORMS)
def test_the_selected_concepts_alone_in_their_order(scixtag, model, form):
    suggestions = json.loads(scixtag("suggest", model, "--title", TITLE, "--json")[1])
    selected = [one for one in suggestions if one["selected"]]
    assert 0 < len(selected) < len(suggestions)
    code, out, err = scixtag("suggest", model, "--title", TITLE, "--as", form)
    assert (code, err) == (0, "")
    labels = [one["label"] for one in selected]
    places = [out.index(label) for label in labels]
    assert places == sorted(places)
    assert not [one["label"] for one in suggestions if not one["selected"] and one["label"] in out]
    if form in ("jats", "datacite"):
        ElementTree.fromstring(out)


def test_a_threshold_selects_others(scixtag, model):
    def selected(*arguments):
        return scixtag("suggest", model, "--title", TITLE, "--as", "text", *arguments)[1].strip().split(", ")

    assert selected("--threshold", "0.9")[0] in selected("--threshold", "0.05")
    assert len(selected("--threshold", "0.05")) > len(selected("--threshold", "0.9"))


def test_none_selected_names_the_threshold_that_would_select_one(scixtag, model):
    asked = ("suggest", model, "--title", TITLE, "--as", "aastex7")
    code, out, err = scixtag(*asked, "--threshold", "1")
    assert (code, out) == (2, "")
    label, threshold = re.search(r"most probable is '(.+)'; to select it, pass --threshold (\S+),", err).groups()
    code, out, err = scixtag(*asked, "--threshold", threshold)
    assert (code, err) == (0, "")
    assert label in out


def test_a_text_of_which_nothing_is_known_says_so(scixtag, model):
    code, out, err = scixtag("suggest", model, "--title", "zzzz qqqq", "--as", "text")
    assert (code, out) == (2, "")
    assert "nothing that the model knows" in err


@pytest.mark.parametrize("other", ["--json", "--explain"])
def test_other_outputs_are_refused_before_the_model_is_read(scixtag, tmp_path, other):
    code, out, err = scixtag("suggest", tmp_path / "absent", "--title", TITLE, "--as", "jats", other)
    assert (code, out) == (2, "")
    assert f"leave {other} out" in err


def test_an_unknown_form_lists_the_known_ones(scixtag, model):
    code, _, err = scixtag("suggest", model, "--title", TITLE, "--as", "word")
    assert code == 2
    assert "'aastex7', 'aastex63', 'jats'" in err
