"""docs/keywords.md shows every form as it is written."""

import re
from pathlib import Path

import pytest

from scixtag.corpus.sample import VOCABULARY
from scixtag.formats.keywords.registry import FORMS, keywords_as
from scixtag.vocabulary.load import load_vocabulary

PAGE = (Path(__file__).parents[2] / "docs" / "keywords.md").read_text(encoding="utf-8")
SHOWN = dict(re.findall(r"^## `(\w+)`\n.*?^```\w+\n(.*?)\n```$", PAGE, flags=re.MULTILINE | re.DOTALL))


def test_the_page_shows_all_forms_in_their_order():
    assert list(SHOWN) == list(FORMS)


@pytest.mark.parametrize("form", FORMS)
def test_the_page_s_example_is_what_is_written(form):
    vocabulary = load_vocabulary(VOCABULARY)
    chosen = [vocabulary[vocabulary.column(number)] for number in (1603, 982)]
    assert SHOWN[form] == keywords_as(form, chosen, vocabulary)
