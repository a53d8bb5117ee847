import csv
import io
import json
import subprocess
import sys

import pytest

from scixtag import __version__
from scixtag.cli.main import COMMANDS

HEAVY = (
    "numpy",
    "scipy",
    "sklearn",
    "pyarrow",
    "rdflib",
    "matplotlib",
    "jinja2",
    "rich",
    "pydantic",
    "huggingface_hub",
    "torch",
    "transformers",
)


def test_help_lists_every_command_and_imports_nothing_heavy():
    code = f"""
import sys
from scixtag.cli.main import call
call(["--help"])
loaded = [name for name in {HEAVY!r} if name in sys.modules]
sys.exit(f"imported {{loaded}}" if loaded else 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name in COMMANDS:
        assert f"\n  {name} " in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_without_heavy_imports(name):
    code = f"""
import sys
from scixtag.cli.main import call
call([{name!r}, "--help"])
loaded = [name for name in {HEAVY!r} if name in sys.modules]
sys.exit(f"imported {{loaded}}" if loaded else 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Usage: scixtag" in done.stdout


def test_version(scixtag):
    assert scixtag("--version")[1] == f"scixtag, version {__version__}\n"


def test_suggest_prints_json(scixtag, model):
    code, out, _ = scixtag(
        "suggest", model, "--title", "White-light flares from fast-rotating red dwarfs", "--limit", "5", "--json"
    )
    suggestions = json.loads(out)
    assert code == 0
    assert len(suggestions) == 5
    flares = next(one for one in suggestions if one["label"] == "Stellar flares")
    assert flares == {
        "id": 1603,
        "uri": "http://astrothesaurus.org/uat/1603",
        "label": "Stellar flares",
        "probability": flares["probability"],
        "selected": True,
    }
    probabilities = [s["probability"] for s in suggestions]
    assert probabilities == sorted(probabilities, reverse=True)


def test_suggest_reads_standard_input(scixtag, model, monkeypatch):
    title, abstract = "Flares of red dwarfs", "Rotation and flares of forty M dwarf stars."
    _, expected, _ = scixtag("suggest", model, "--title", title, "--abstract", abstract, "--json")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"{title}\n{abstract}\n".encode())))
    assert scixtag("suggest", model, "--json")[1] == expected


def test_suggest_shows_a_table(scixtag, model):
    code, out, _ = scixtag("suggest", model, "--title", "Solar flares", "--threshold", "0.99")
    assert code == 0
    assert "Solar flares" in out
    assert " * " not in out


def test_tag_writes_a_line_a_paper_in_input_order(scixtag, model, tmp_path):
    papers = tmp_path / "papers.csv"
    rows = [(f"p{i}", title) for i, title in enumerate(["Solar flares", "", "Dwarf galaxies and dark matter"])]
    with papers.open("w", newline="") as stream:
        csv.writer(stream).writerows([("id", "title"), *rows])
    code, out, _ = scixtag("tag", model, papers, "--output", tmp_path / "tags.jsonl", "--limit", "3")
    assert code == 0
    assert "3 papers" in out
    lines = [json.loads(line) for line in (tmp_path / "tags.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == ["p0", "p1", "p2"]
    assert lines[0]["suggestions"][0]["label"] == "Solar flares"
    assert all(sum(not s["selected"] for s in line["suggestions"]) <= 3 for line in lines)
    assert len(lines[1]["suggestions"]) == 3
    assert set(lines[0]["suggestions"][0]) == {"id", "uri", "label", "probability", "selected"}


def test_tag_to_standard_output_equals_tag_to_a_file(scixtag, model, tmp_path):
    scixtag("tag", model, "sample:test", "--output", tmp_path / "tags.jsonl")
    _, out, _ = scixtag("tag", model, "sample:test", "--output", "-", "--quiet")
    assert out == (tmp_path / "tags.jsonl").read_text()


def test_evaluate_writes_numbers_and_a_report(scixtag, model, tmp_path):
    code, out, err = scixtag(
        "evaluate", model, "sample:test", "--json", tmp_path / "n.json", "--report", tmp_path / "r", "--replicates", 50
    )
    assert code == 0
    assert "p@1" in out
    assert "warning" not in err
    document = json.loads((tmp_path / "n.json").read_text())
    assert document == json.loads((tmp_path / "r" / "report.json").read_text())
    assert (tmp_path / "r" / "report.html").is_file()
    assert json.loads(scixtag("evaluate", model, "sample:test", "--json", "-", "--replicates", 50)[1])["metrics"]


def test_a_report_says_why_and_numbers_alone_do_not(scixtag, model, tmp_path):
    scixtag("evaluate", model, "sample:test", "--report", tmp_path / "r", "--replicates", 5, "--quiet")
    scixtag("evaluate", model, "sample:test", "--json", tmp_path / "n.json", "--replicates", 5, "--quiet")
    told, untold = (json.loads(file.read_text()) for file in (tmp_path / "r" / "report.json", tmp_path / "n.json"))
    assert len(told["worst"]) == 20
    of_papers = [concept for paper in told["worst"] for concept in paper["concepts"]]
    assert sum("“" in concept["evidence"] for concept in of_papers) > len(of_papers) / 2
    assert all(row["evidence"] for row in told["audit"]["rows"][:50])
    assert "most similar papers carry it" in told["audit"]["rows"][0]["evidence"]
    for row in (*told["audit"]["rows"], *of_papers):
        row["evidence"] = ""
    assert told["audit"] == untold["audit"]
    assert told["worst"] == untold["worst"]


def test_evaluating_on_training_papers_warns(scixtag, model, tmp_path):
    _, _, err = scixtag("evaluate", model, "sample", "--replicates", 5, "--report", tmp_path / "r")
    assert "were training papers of this model" in err
    for name in ("report.html", "report.md"):
        assert "papers judged here were training papers of this model" in (tmp_path / "r" / name).read_text()


def test_a_fold_is_left_out_and_taken(scixtag, tmp_path):
    folder = tmp_path / "m"
    assert scixtag("train", "sample", "--fold", "2/5", "--model", "prior", "--output", folder)[0] == 0
    code, _, err = scixtag("evaluate", folder, "sample", "--fold", "2/5", "--replicates", 5)
    assert code == 0
    assert "warning" not in err
    assert "warning" in scixtag("evaluate", folder, "sample", "--fold", "1/5", "--replicates", 5)[2]


def test_settings_come_from_the_file_then_from_set(scixtag, tmp_path):
    config = tmp_path / "c.toml"
    config.write_text('seed = 4\n[model]\nname = "neighbours"\nneighbours = 7\n[decision]\nrule = "top-k"\nk = 3\n')
    folder = tmp_path / "m"
    assert scixtag("train", "sample", "--config", config, "--set", "decision.k=4", "--output", folder)[0] == 0
    settings = json.loads((folder / "manifest.json").read_text())["settings"]
    assert settings["seed"] == 4
    assert settings["model"]["name"] == "neighbours"
    assert settings["model"]["neighbours"] == 7
    assert settings["decision"]["k"] == 4
    _, out, _ = scixtag("suggest", folder, "--title", "Solar flares", "--json")
    assert sum(s["selected"] for s in json.loads(out)) == 4


def test_a_printed_configuration_trains_the_same_model(scixtag, tmp_path):
    _, toml, _ = scixtag("models", "centroid")
    (tmp_path / "c.toml").write_text(toml)
    for number, choice in enumerate((("--model", "centroid"), ("--config", tmp_path / "c.toml"))):
        scixtag("train", "sample", *choice, "--output", tmp_path / str(number), "--quiet")
    outputs = [scixtag("suggest", tmp_path / n, "--title", "Solar flares", "--json")[1] for n in "01"]
    assert outputs[0] == outputs[1]


def test_models_are_listed(scixtag):
    listed = json.loads(scixtag("models", "--json")[1])
    assert {entry["name"] for entry in listed} >= {"prior", "lexical", "centroid", "neighbours", "linear"}
    assert "centroid" in scixtag("models")[1]


def test_data_describes_a_corpus(scixtag, tmp_path):
    code, out, _ = scixtag("data", "sample", "--report", tmp_path / "data.html")
    assert code == 0
    assert "264" in out
    assert "<svg" in (tmp_path / "data.html").read_text()
    document = json.loads(scixtag("data", "sample", "--json")[1])
    assert document["papers"] == 264


def test_vocabulary_show_search_path(scixtag):
    assert json.loads(scixtag("vocabulary", "show", "sample", "--json")[1])["concepts in use"] == 131
    shown = json.loads(scixtag("vocabulary", "show", "sample", "quasars", "--json")[1])
    assert shown["id"] == 1319
    assert "Active galactic nuclei (16)" in shown["broader"]
    assert json.loads(scixtag("vocabulary", "search", "sample", "fast radio", "--json")[1])[0]["id"] == 2008
    paths = scixtag("vocabulary", "path", "sample", "1728")[1]
    assert paths.endswith("Supernovae (1668) > Type Ia supernovae (1728)\n")
    code, _, err = scixtag("vocabulary", "show", "sample", "quasers")
    assert code == 2
    assert "Quasars (1319)" in err


def test_quiet_says_nothing(scixtag, tmp_path):
    assert scixtag("train", "sample", "--model", "centroid", "--output", tmp_path / "m", "--quiet")[1:] == ("", "")


def test_same_seed_same_folder(scixtag, tmp_path):
    for name in "ab":
        scixtag("train", "sample", "--model", "linear", "--seed", "3", "--output", tmp_path / name, "--quiet")
    files = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*") if p.is_file())
    differing = [f for f in files if (tmp_path / "a" / f).read_bytes() != (tmp_path / "b" / f).read_bytes()]
    assert [str(f) for f in differing] == ["manifest.json"]
