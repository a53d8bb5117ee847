"""The hierarchy in what is answered and measured, on the embedded vocabulary."""

import json
import shutil
from typing import get_args

import numpy as np
import pytest

from scixtag.cli import options
from scixtag.corpus.sample import read_sample
from scixtag.predictions.closure import SetForm
from scixtag.vocabulary.hierarchy import Hierarchy
from scixtag.workflows.evaluate import answer_papers
from scixtag.workflows.preparation import Corpus, evaluation_examples, named_vocabulary
from scixtag.workflows.tag import decision_at
from scixtag.workflows.tagger import Tagger

EVERYTHING = ("--limit", "100")


@pytest.fixture(scope="module")
def above():
    """The ids of all ancestors of each id of the embedded vocabulary."""
    vocabulary = named_vocabulary("sample")
    hierarchy = Hierarchy(vocabulary)
    return {c.id: {vocabulary[a].id for a in hierarchy.ancestors(j)} for j, c in enumerate(vocabulary)}


@pytest.fixture
def tagged(scixtag, model):
    """The suggestions for each paper of the test part, by the form of the set; None: as the model says."""

    def run(form, folder=model, limit=EVERYTHING):
        chosen = ("--hierarchy", form) if form else ()
        _, out, _ = scixtag("tag", folder, "sample:test", "--output", "-", "--quiet", *limit, *chosen)
        return [json.loads(line)["suggestions"] for line in out.splitlines()]

    return run


@pytest.fixture
def metrics(scixtag, model):
    def run(form, folder=model):
        arguments = ("--json", "-", "--quiet", "--replicates", "5", *(("--hierarchy", form) if form else ()))
        document = json.loads(scixtag("evaluate", folder, "sample:test", *arguments)[1])
        assert document["system"]["hierarchy"] == (form or "as-is")
        return {name: interval["value"] for name, interval in document["metrics"].items()}

    return run


def selected(paper):
    return {suggestion["id"] for suggestion in paper if suggestion["selected"]}


def test_the_option_knows_the_forms():
    assert tuple(options.FORMS) == get_args(SetForm)


def test_sets_as_they_are_with_ancestors_and_without_what_is_implied(tagged, above):
    plain, whole, specific = (list(map(selected, tagged(form))) for form in ("as-is", "ancestors", "most-specific"))
    assert plain == list(map(selected, tagged(None)))
    assert whole == [chosen.union(*(above[c] for c in chosen)) for chosen in plain]
    assert specific == [chosen - set().union(*(above[c] for c in chosen)) for chosen in plain]
    assert sum(map(len, specific)) < sum(map(len, plain)) < sum(map(len, whole))


def test_an_ancestor_is_as_probable_as_what_is_below_it(tagged, above):
    for paper in tagged("ancestors"):
        probability = {s["id"]: s["probability"] for s in paper}
        assert list(probability.values()) == sorted(probability.values(), reverse=True)
        assert all(probability[a] >= probability[c] for c in selected(paper) for a in above[c])


def test_what_is_evaluated_is_what_is_answered(tagged, metrics):
    labelled = np.array([bool(record.labels) for record in read_sample("test")])
    for form in ("as-is", "ancestors", "most-specific"):
        sizes = [len(selected(paper)) for paper in tagged(form)]
        assert metrics(form)["mean_set_size"] == pytest.approx(np.mean(sizes, where=labelled))


@pytest.mark.parametrize("form", ["as-is", "ancestors", "most-specific"])
def test_a_small_limit_leaves_the_set_that_is_evaluated(tagged, model, form):
    tagger, vocabulary = Tagger.load(model), named_vocabulary("sample")
    examples, _ = evaluation_examples(Corpus("sample:test"), vocabulary)
    scores, chosen = answer_papers(tagger, examples, decision_at(tagger, None, form))
    judged = [
        [vocabulary[column].id for column in columns[mask].tolist()]
        for columns, mask in zip(scores.columns, chosen, strict=True)
    ]
    papers = dict(zip((record.id for record in read_sample("test")), tagged(form, limit=("--limit", "1")), strict=True))
    assert [[one["id"] for one in papers[paper] if one["selected"]] for paper in examples.ids] == judged
    assert max(map(len, judged)) > 1
    for paper, columns in zip(examples.ids, scores.columns, strict=True):
        rest = [one["id"] for one in papers[paper] if not one["selected"]]
        assert papers[paper][0]["id"] == vocabulary[columns[0]].id
        assert rest in ([], [papers[paper][0]["id"]])


def test_hierarchical_metrics_do_not_depend_on_the_form(metrics):
    plain = metrics(None)
    for form in ("ancestors", "most-specific"):
        found = metrics(form)
        for name in ("h_precision", "h_recall", "h_f1"):
            assert found[name] == pytest.approx(plain[name])
        assert found["micro_recall"] != plain["micro_recall"]
    assert plain["h_f1"] > plain["micro_f1"]


def test_suggest_takes_the_option_beside_a_threshold(scixtag, model, above):
    title = ("suggest", model, "--title", "White-light flares from fast-rotating red dwarfs", "--json", *EVERYTHING)
    plain, whole = (
        selected(json.loads(scixtag(*title, "--threshold", "0.5", *form)[1]))
        for form in ((), ("--hierarchy", "ancestors"))
    )
    assert plain
    assert whole == plain.union(*(above[c] for c in plain)) > plain


def test_the_setting_is_kept_with_the_model_and_the_option_wins(scixtag, tagged, tmp_path):
    folder, plain = tmp_path / "m", tmp_path / "plain"
    training = ("train", "sample:train", "--model", "centroid", "--quiet", "--output")
    assert scixtag(*training, folder, "--set", "decision.hierarchy=ancestors")[0] == 0
    assert scixtag(*training, plain)[0] == 0
    assert tagged(None, folder) == tagged("ancestors", plain) != tagged(None, plain)
    assert tagged("as-is", folder) == tagged("as-is", plain)
    manifest = json.loads((folder / "manifest.json").read_text())
    sizes = [len(selected(paper)) for paper in tagged("as-is", plain)]
    assert manifest["tuning"]["metrics"]["mean_set_size"] > 1.2 * np.mean(sizes)


def test_the_report_names_the_form_of_a_model(scixtag, tmp_path):
    folder = tmp_path / "m"
    setting = ("--model", "centroid", "--set", "decision.hierarchy=most-specific")
    scixtag("train", "sample:train", *setting, "--output", folder, "--quiet")
    _, out, _ = scixtag("evaluate", folder, "sample:test", "--json", "-", "--quiet", "--replicates", "2")
    assert json.loads(out)["system"]["hierarchy"] == "most-specific"


def test_a_model_folder_from_before_the_setting_still_tags(tagged, model, tmp_path):
    folder = tmp_path / "old"
    shutil.copytree(model, folder)
    decision, manifest = (json.loads((folder / name).read_text()) for name in ("decision.json", "manifest.json"))
    del decision["hierarchy"], manifest["settings"]["decision"]["hierarchy"]
    (folder / "decision.json").write_text(json.dumps(decision))
    manifest["files"]["decision.json"] = (folder / "decision.json").stat().st_size
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert tagged(None, folder) == tagged(None)


def test_a_form_that_does_not_exist_is_refused(scixtag, model, tmp_path):
    code, _, err = scixtag("suggest", model, "--title", "x", "--hierarchy", "all")
    assert code == 2
    assert "most-specific" in err
    code, _, err = scixtag("train", "sample", "--set", "decision.hierarchy=all", "--output", tmp_path / "m")
    assert code == 2
    assert "hierarchy" in err


def test_the_table_shows_the_hierarchical_metrics(scixtag, model):
    _, out, _ = scixtag("evaluate", model, "sample:test", "--replicates", "2")
    assert all(name in out for name in ("h_precision", "h_recall", "h_f1"))
