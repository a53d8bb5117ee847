"""Papers of a list of bibcodes and of a query, from a server that answers as SciX does."""

import pytest

from scix_server import TOKEN, serving
from scixtag.cli.main import call
from scixtag.corpus import scix as scix_module
from scixtag.review.from_scix import listed_papers

FLARES, QUASARS, ABSENT = "2019ApJ...871L..17B", "2020A&A...641A...6P", "2021MNRAS.50000001A"


@pytest.fixture
def scix(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("ADS_API_TOKEN", TOKEN)
    with serving() as server:
        monkeypatch.setenv("SCIXTAG_SCIX_URL", server.url)
        server.add(FLARES, "Flares", abstract="Of dwarfs.")
        server.add(QUASARS, "Quasars", abstract="Far away.", uat_id=["1319"])
        yield server


def test_a_list_of_bibcodes(scix, tmp_path, capsys):
    (tmp_path / "list.txt").write_text(f"# wanted\n{QUASARS}\n\n{FLARES}\n{QUASARS}\n{ABSENT}\n")
    assert call(["review", "import", "list.txt"]) == 0
    out, err = capsys.readouterr()
    assert out == "scixtag-review.sqlite: 2 papers added\n"
    assert f"SciX knows no paper {ABSENT}; passed over" in err
    asked = len(scix.asked)
    (tmp_path / "known.txt").write_text(f"{QUASARS}\n{FLARES}\n")
    assert call(["review", "import", "known.txt"]) == 0
    assert capsys.readouterr().out == "scixtag-review.sqlite: 0 papers added\nthere already: 2\n"
    assert len(scix.asked) == asked  # nobody asks for what is there


def test_lines_that_are_no_bibcodes_are_told_and_the_others_are_asked_for(scix, tmp_path, capsys):
    (tmp_path / "list.txt").write_text(f"{QUASARS}\nquasars\n{FLARES}\n")
    assert call(["review", "import", "list.txt"]) == 0
    out, err = capsys.readouterr()
    assert out == "scixtag-review.sqlite: 2 papers added\nrows that could not be imported: 1\n"
    assert "not imported, list.txt row 2: 'quasars' is no bibcode" in err


def test_papers_of_a_long_list_come_as_they_are_found(scix, monkeypatch):
    monkeypatch.setattr(scix_module, "_ROWS", 1)
    papers = listed_papers([QUASARS, ABSENT, FLARES])
    assert (next(papers).id, len(scix.asked)) == (QUASARS, 1)
    assert [paper.id for paper in papers] == [FLARES]


def test_a_query(scix, capsys):
    assert call(["review", "import", "--query", "year:2020", "--limit", "1"]) == 0
    assert capsys.readouterr().out == "scixtag-review.sqlite: 1 paper added\n"
    assert scix.asked[0].parameters["q"] == "year:2020"


@pytest.mark.usefixtures("scix")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "pass either SOURCE or --query"),
        (["list.txt", "--query", "x"], "pass either SOURCE or --query"),
        (["empty.txt"], "empty.txt: no bibcodes"),
        (["absent.txt"], "absent.txt: cannot be read"),
        (["unknown.txt"], f"SciX knows no paper {ABSENT}"),
        (["wrong.txt"], "'quasars' is no bibcode"),
    ],
)
def test_what_is_refused(tmp_path, capsys, arguments, told):
    for name, text in (("list", QUASARS), ("empty", "# none\n"), ("unknown", ABSENT), ("wrong", "quasars")):
        (tmp_path / f"{name}.txt").write_text(text)
    assert call(["review", "import", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_a_query_that_finds_nothing(scix, capsys):
    scix.papers.clear()
    assert call(["review", "import", "--query", "year:1066"]) == 2
    assert "SciX finds no paper for 'year:1066'" in capsys.readouterr().err
