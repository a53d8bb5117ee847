import json
import shutil

import pytest


def test_it_says_how_new_papers_differ(model, scixtag, tmp_path):
    code, out, err = scixtag("drift", model, "sample:test", "--report", tmp_path / "r", "--json", tmp_path / "d.json")
    assert code == 0
    assert "papers/s" in err
    assert out.splitlines()[-2].startswith("No sign of drift in ")
    assert out.splitlines()[-1] == f"report: {tmp_path / 'r' / 'drift.html'}"
    assert sorted(file.name for file in (tmp_path / "r").iterdir()) == ["drift.html", "drift.json", "drift.md"]
    document = json.loads((tmp_path / "d.json").read_text())
    assert document == json.loads((tmp_path / "r" / "drift.json").read_text())
    html, markdown = ((tmp_path / "r" / f"drift.{kind}").read_text() for kind in ("html", "md"))
    for page in (html, markdown):
        assert document["verdict"] in page
        assert document["new_words"][0]["word"] in page
    assert "://" not in html.replace("http://www.w3.org", "")
    # A report may replace a report.
    assert scixtag("drift", model, "sample:test", "--report", tmp_path / "r", "--quiet") == (0, "", "")


def test_json_goes_to_standard_output_alone(model, scixtag):
    code, out, _ = scixtag("drift", model, "sample:test", "--json", "-", "--seed", "4")
    document = json.loads(out)
    assert code == 0
    assert (document["format"], document["level"], document["seed"]) == ("scixtag-drift", "none", 4)
    for change in document["quantities"].values():
        interval = change["difference"]
        assert interval["low"] <= interval["value"] <= interval["high"]


def test_strong_drift_is_no_failure_and_columns_can_be_named(model, scixtag, tmp_path):
    rows = [f"{i}\tKeeping bees in the garden, volume {'ixvc'[i % 4] * (i + 2)}, honey" for i in range(60)]
    (tmp_path / "p.tsv").write_text("\n".join(["key\theading", *rows]))
    code, out, _ = scixtag("drift", model, tmp_path / "p.tsv", "--title-field", "heading", "--id-field", "key")
    assert code == 0
    assert "Strong drift: " in out.splitlines()[-1]
    assert out.splitlines()[-1].endswith("Retrain with papers like these.")
    assert "honey (60)" in out


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "no papers; is the file empty?"),
        ('{"id": 1, "title": ""}\n', "none of the 1 papers has a title or an abstract"),
        ('{"id": 1, "name": "x"}\n', "--title-field"),
        ("\x00\x01 no json", "p.jsonl"),
    ],
)
def test_bad_sources(model, scixtag, tmp_path, content, expected):
    (tmp_path / "p.jsonl").write_text(content)
    code, out, err = scixtag("drift", model, tmp_path / "p.jsonl", "--report", tmp_path / "r")
    assert (code, out) == (2, "")
    assert expected in err
    assert not (tmp_path / "r").exists()


def test_training_papers_are_none_to_compare(model, scixtag):
    code, _, err = scixtag("drift", model, "sample:train", "--json", "-")
    # 14 of them have no labels, so the model did not learn from them.
    assert code == 0
    assert "14 papers" in scixtag("drift", model, "sample:train")[1]
    assert "error" not in err


def test_a_model_folder_of_an_earlier_scixtag(model, scixtag, tmp_path):
    shutil.copytree(model, tmp_path / "m")
    shutil.rmtree(tmp_path / "m" / "reference")
    manifest = json.loads((tmp_path / "m" / "manifest.json").read_text())
    manifest["files"] = {name: size for name, size in manifest["files"].items() if "reference" not in name}
    (tmp_path / "m" / "manifest.json").write_text(json.dumps(manifest))
    code, _, err = scixtag("drift", tmp_path / "m", "sample:test", "--quiet")
    assert code == 2
    assert "keeps nothing of its training papers" in err
    assert "train it again" in err
    # It tags as before.
    assert scixtag("suggest", tmp_path / "m", "--title", "Dust")[0] == 0


def test_outputs_are_checked_before_any_work(model, scixtag, tmp_path):
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "thesis.doc").write_text("x")
    code, _, err = scixtag("drift", model, "sample:test", "--report", tmp_path / "r")
    assert code == 2
    assert "thesis.doc" in err
    assert "comparing papers" not in err
    code, _, err = scixtag("drift", model, "sample:test", "--json", tmp_path / "r")
    assert code == 2
    assert "comparing papers" not in err
