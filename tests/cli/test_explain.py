"""--explain, from the commands to the characters of the text."""

import json

import pytest

from scixtag.cli.explanations import show_explained
from scixtag.corpus.sample import read_sample
from scixtag.corpus.text import clean, text_of
from scixtag.predictions.explanation import Explanation
from scixtag.predictions.suggestion import Suggestion
from scixtag.workflows.tagger import Tagger

TITLE = "White-light ﬂares from fast-rotating red dwarfs"
ABSTRACT = "We count <i>flares</i> of M dwarf stars &amp; their rotation; ﬂares are white-light flares."


@pytest.fixture(scope="module")
def models(tmp_path_factory, model):
    """Taggers of several models by name; `kept` is one that keeps its papers."""
    from scixtag.cli.main import call

    folder, made = tmp_path_factory.mktemp("explained"), {"ensemble": model}
    for name in ("centroid", "linear", "ridge", "lexical", "neighbours", "prior"):
        assert call(["train", "sample:train", "--model", name, "--output", str(folder / name), "--quiet"]) == 0
        made[name] = folder / name
    keeping = ["--model", "neighbours", "--set", "keep_papers=true", "--quiet"]
    assert call(["train", "sample:train", *keeping, "--output", str(folder / "kept")]) == 0
    return made | {"kept": folder / "kept"}


def suggested(scixtag, folder, *more):
    code, out, err = scixtag("suggest", folder, "--title", TITLE, "--abstract", ABSTRACT, "--json", *more)
    assert code == 0
    # Whoever comes first in a fresh checkout is told so.
    told = [line for line in err.splitlines(keepends=True) if not line.startswith("compiling for this machine")]
    return json.loads(out), "".join(told)


def test_suggest_tells_all_in_json(scixtag, model):
    suggestions, err = suggested(scixtag, model, "--explain", "--limit", "4")
    assert err == ""
    plain, _ = suggested(scixtag, model, "--limit", "4")
    assert [{key: value for key, value in one.items() if key != "explanation"} for one in suggestions] == plain
    (explanation,) = (one["explanation"] for one in suggestions if one["label"] == "Stellar flares")
    assert explanation["path"][-1] == "Stellar flares"
    assert len(explanation["path"]) > 1
    assert explanation["other_paths"] >= 0
    assert explanation["similar_papers"]["carrying"] >= 1
    assert set(explanation["similar_papers"]["closest"][0]) == {"row", "similarity"}
    assert explanation["reasons"]
    text = {"title": clean(TITLE), "abstract": clean(ABSTRACT)}
    assert "&amp;" not in text["abstract"]
    for piece in explanation["evidence"]:
        cuts = [text[span["field"]][span["start"] : span["end"]] for span in piece["spans"]]
        assert cuts[0] == piece["words"]
        assert len({cut.lower() for cut in cuts}) <= 2
    assert any("flares" in piece["words"] for piece in explanation["evidence"])


def test_suggest_shows_a_few_lines_for_people(scixtag, model):
    code, out, err = scixtag("suggest", model, "--title", TITLE, "--explain", "--limit", "2")
    assert (code, err) == (0, "")
    (start,) = (number for number, line in enumerate(out.splitlines()) if "Stellar flares (1603)" in line)
    labels = [line.split()[0] for line in out.splitlines()[start + 1 : start + 5]]
    assert labels == ["text", "papers", "ranker", "path"]
    assert "flares” " in out
    assert " > Stellar flares" in out
    assert out.count(" alike") >= 1


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("centroid", {"evidence"}),
        ("linear", {"evidence"}),
        ("ridge", {"evidence"}),
        ("lexical", {"evidence"}),
        ("neighbours", {"similar_papers"}),
        ("prior", set()),
    ],
)
def test_single_models_say_what_they_can(scixtag, models, name, known):
    suggestions, err = suggested(scixtag, models[name], "--explain", "--limit", "3")
    assert suggestions
    for one in suggestions:
        explanation = one["explanation"]
        assert explanation["path"][-1] == one["label"]
        assert {key for key in ("evidence", "similar_papers", "reasons") if explanation[key]} == known
    assert err == ("" if known else "the model 'prior' cannot say why it suggests a concept; only paths are told\n")


@pytest.mark.parametrize(
    ("others", "told"),
    [
        (0, "top > c\n"),
        (1, "top > c (and 1 other path)"),
        (998, "top > c (and 998 other paths)"),
        (999, "top > c (and at least 999 other paths)"),
    ],
)
def test_other_paths_are_counted_up_to_a_number(capsys, others, told):
    explanation = Explanation(path=("top", "c"), other_paths=others)
    show_explained("x", [Suggestion(1, "u:1", "c", 0.5, True, explanation=explanation)])
    assert told in "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines()) + "\n"


def test_tag_explains_each_paper_as_suggest_does(scixtag, model, tmp_path):
    code, _, _ = scixtag("tag", model, "sample:test", "--output", tmp_path / "a.jsonl", "--explain", "--limit", "3")
    assert code == 0
    scixtag("tag", model, "sample:test", "--output", tmp_path / "b.jsonl", "--limit", "3")
    explained, plain = (
        [json.loads(line) for line in (tmp_path / name).read_text().splitlines()] for name in ("a.jsonl", "b.jsonl")
    )
    for one, other in zip(explained, plain, strict=True):
        assert all(suggestion.pop("explanation")["path"] for suggestion in one["suggestions"])
        assert one == other
    record = next(read_sample("test"))
    _, out, _ = scixtag(
        *("suggest", model, "--title", record.title, "--abstract", record.abstract, "--explain", "--limit", "3"),
        "--json",
    )
    first = json.loads((tmp_path / "a.jsonl").read_text().splitlines()[0])
    assert json.loads(out) == first["suggestions"]


def test_tag_explains_a_paper_without_text(scixtag, model, tmp_path):
    (tmp_path / "p.csv").write_text("id,title\np0,\np1,Solar flares\np2,qwertz\n")
    code, out, _ = scixtag("tag", model, tmp_path / "p.csv", "--output", "-", "--explain", "--quiet")
    assert code == 0
    papers = [json.loads(line) for line in out.splitlines()]
    assert papers[1]["suggestions"][0]["explanation"]["evidence"][0]["source"] == "name"
    for suggestion in papers[0]["suggestions"] + papers[2]["suggestions"]:
        assert suggestion["explanation"]["evidence"] == []


def test_titles_are_told_only_if_they_were_kept(scixtag, models):
    kept = {record.id: text_of(record).title for record in read_sample("train")}
    told, _ = suggested(scixtag, models["kept"], "--explain", "--limit", "3")
    plain, _ = suggested(scixtag, models["neighbours"], "--explain", "--limit", "3")
    for one, other in zip(told, plain, strict=True):
        papers = one["explanation"]["similar_papers"]["closest"]
        assert all(kept[paper.pop("id")] == paper.pop("title") for paper in papers)
        assert one == other
    _, out, _ = scixtag("suggest", models["kept"], "--title", TITLE, "--explain", "--limit", "1")
    assert sum(title in out for title in kept.values()) >= 1


def test_without_being_told_to_no_folder_holds_a_training_title_or_id(model, models):
    records = list(read_sample("train"))
    spellings = {text for record in records for text in (record.title, clean(record.title), record.id) if len(text) > 5}
    for name, folder in {**models, "default": model}.items():
        content = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
        found = {text for text in spellings if any(text.encode() in part for part in content)}
        assert bool(found) == (name == "kept"), (name, found)
        assert (folder / "papers.json").is_file() == (name == "kept")


def test_rows_are_those_of_the_papers_that_the_model_learned_from(scixtag, models, tmp_path):
    folder = tmp_path / "held"
    scixtag(
        *("train", "sample:train", "--model", "neighbours", "--set", "keep_papers=true", "--output", folder),
        *("--set", "tuning.scheme=holdout", "--set", "tuning.refit=false", "--quiet"),
    )
    record = next(read_sample("train"))
    tagger = Tagger.load(folder)
    document = json.loads((folder / "papers.json").read_text())
    learned = tagger.manifest["training"]["papers_learned"]
    assert len(document["ids"]) == len(document["titles"]) == learned < tagger.manifest["training"]["papers"]
    texts = {one.id: text_of(one).title for one in read_sample("train")}
    for row in range(learned):
        paper, title = tagger.papers[row]
        assert texts[paper] == title
        if paper == record.id:
            vector = tagger.model.tfidf_.transform([text_of(record)])
            around = tagger.model.neighbourhood(vector)
            assert (around.rows[0], round(float(around.similarities[0]), 4)) == (row, 1)


def test_a_tagger_saved_again_keeps_its_papers(models, tmp_path):
    Tagger.load(models["kept"]).save(tmp_path / "again")
    assert (tmp_path / "again" / "papers.json").read_bytes() == (models["kept"] / "papers.json").read_bytes()


@pytest.mark.parametrize("content", ["[]", "{", '{"ids": [], "titles": []}', '{"ids": ["a"], "titles": []}'])
def test_damaged_papers_are_told(scixtag, models, tmp_path, content):
    Tagger.load(models["kept"]).save(tmp_path / "m")
    manifest = json.loads((tmp_path / "m" / "manifest.json").read_text())
    manifest["files"]["papers.json"] = len(content)
    (tmp_path / "m" / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "m" / "papers.json").write_text(content)
    code, _, err = scixtag("suggest", tmp_path / "m", "--title", TITLE, "--explain")
    assert code == 2
    assert "papers are damaged" in err
    assert scixtag("suggest", tmp_path / "m", "--title", TITLE)[0] == 0
