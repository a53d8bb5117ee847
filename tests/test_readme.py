"""The commands of the README and of docs/configuration.md do what they say, in the order in which they stand."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pyarrow import parquet

from scixtag.config import read_toml
from scixtag.review.desk import Desk
from scixtag.review.queue import Queue
from scixtag.review.store.database import Database
from scixtag.workflows.settings import training_settings
from service_process import serving

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def blocks(text, fence):
    return re.findall(rf"^```{fence}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def run_all(commands, folder):
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for command in commands:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def test_the_two_commands_are_targets():
    commands = blocks(README, "sh")[0].splitlines()
    assert commands == ["make demo", "make test"]
    for command in commands:
        shown = subprocess.run([*command.split(), "-n"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        assert ("scixtag demo" if "demo" in command else "-m pytest") in shown
    assert "make test" in (ROOT / ".ci" / "run").read_text()


def test_everyday_commands(tmp_path):
    commands = [line for block in blocks(README, "sh")[1:] for line in block.splitlines()]
    assert len(commands) >= 11
    run_all(commands, tmp_path)
    for made in (
        "my-model/manifest.json",
        "my-report/report.html",
        "tags.jsonl",
        "data.html",
        "numbers.json",
        "archive-tags.jsonl",
    ):
        assert (tmp_path / made).stat().st_size > 0
    # What "Serve it" asks, and what it says of the answer.
    asked = re.search(r"/v1/suggest .* -d '(.*)'", README)
    paper = json.loads(asked[1])
    suggest = [
        "-m",
        "scixtag",
        "suggest",
        "my-model",
        "--title",
        paper["title"],
        "--abstract",
        paper["abstract"],
        "--json",
    ]
    told = subprocess.run([sys.executable, *suggest], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    first, second, *others = [one["label"] for one in json.loads(told) if one["selected"]]
    assert f"above all *{first}* and *{second}*" in README
    assert 2 <= len(others) <= 8


def test_serving(tmp_path):
    pytest.importorskip("fastapi")
    (prepared,), (asked,), (decided,) = (blocks(README, f"sh {name}") for name in ("serve", "ask", "decided"))
    *before, serve = prepared.splitlines()
    run_all(["scixtag train sample:train --model lexical --output my-model --quiet", *before], tmp_path)
    assert serve.startswith("scixtag serve ")
    # Somebody may use the port that the page names.
    with serving(tmp_path, *serve.split()[2:], folder=tmp_path) as service:
        run_all([line.replace("http://127.0.0.1:8000", service.url) for line in asked.splitlines()], tmp_path)
    # A curator at the desk, in short.
    with Database.open(str(tmp_path / "decisions.sqlite")) as database:
        desk = Desk(database)
        paper = next(iter(Queue(database).list("date", 1))).id
        desk.record(paper, 0, "done", who="ann")
    quick = "--model lexical --output next-model"
    run_all([line.replace("--output next-model", quick) for line in decided.splitlines()], tmp_path)
    assert (tmp_path / "next-model" / "manifest.json").is_file()


def test_commands_with_real_papers(tmp_path, shared):
    some = parquet.read_table(shared / "data" / "scix-uat" / "papers.parquet").slice(0, 600)
    parquet.write_table(some, tmp_path / "papers.parquet")
    (tmp_path / "UAT.rdf").symlink_to(shared.resolve() / "data" / "uat" / "UAT.rdf")
    (block,) = blocks(README, "sh real")
    run_all(block.splitlines(), tmp_path)
    assert (tmp_path / "uat-report" / "report.html").is_file()


def test_commands_with_encoders(tmp_path):
    pytest.importorskip("transformers")
    from encoder_cases import write_encoder

    write_encoder(tmp_path / "path" / "to" / "bert-base-uncased")
    (block,) = blocks(README, "sh encoder")
    run_all(block.splitlines(), tmp_path)
    assert (tmp_path / "minilm-report" / "report.html").is_file()


def test_the_demo(tmp_path):
    run_all(["scixtag demo", "scixtag demo --output again --quiet"], tmp_path)
    assert (tmp_path / "demo" / "demo-report" / "report.html").is_file()
    shutil.rmtree(tmp_path / "demo")


def test_the_configuration_page(tmp_path):
    read = []
    for toml in blocks(CONFIGURATION, "toml"):
        file = tmp_path / "c.toml"
        file.write_text(toml)
        read.append(training_settings(read_toml(file), "c.toml"))
    assert [settings.model for settings in read] == ["linear", "ensemble"]
    assert read[1].model_settings.members["svm"]["C"] == 1.0
    run_all([line for block in blocks(CONFIGURATION, "sh") for line in block.splitlines()], tmp_path)


def test_the_benchmark_page(tmp_path):
    page = (ROOT / "docs" / "benchmark.md").read_text(encoding="utf-8")
    run_all([line for block in blocks(page, "sh") for line in block.splitlines()], tmp_path)
    assert (tmp_path / "bench" / "report.html").is_file()


def test_the_page_on_tagging(tmp_path):
    page = (ROOT / "docs" / "tagging.md").read_text(encoding="utf-8")
    run_all([line for block in blocks(page, "sh") for line in block.splitlines()], tmp_path)
    assert (tmp_path / "piped.jsonl").read_bytes() == (tmp_path / "tags.jsonl").read_bytes()
    assert [file.name for file in sorted((tmp_path / "tags").iterdir())] == [
        f"part-{number:06d}.parquet" for number in range(3)
    ]


def test_links_lead_somewhere():
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("target", ["demo", "test", "check", "fix", "bench"])
def test_every_target_of_the_makefile_parses(target):
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
