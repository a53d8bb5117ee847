import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scixtag.corpus.sample import read_sample

COMMIT = "0123456789abcdef" * 2 + "01234567"


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    from scixtag.cli.main import call

    folder = tmp_path_factory.mktemp("benchmark") / "out"
    command = ["benchmark", "sample", "--systems", "lexical,prior", "--system", "two best: lexical decision.rule=top-k"]
    command += ["--folds", "2", "--replicates", "40", "--metrics", "r@20", "--output", str(folder), "--quiet"]
    assert call(command) == 0
    return folder


def test_the_folder_holds_page_tables_numbers_and_runs(output):
    assert {path.name for path in output.iterdir()} == {"benchmark.json", "report.html", "report.md", "runs", "systems"}
    document = json.loads((output / "benchmark.json").read_text())
    assert [one["name"] for one in document["systems"]] == ["lexical", "prior", "two best"]
    assert document["protocol"]["papers judged"] == 246
    assert "r@20" in document["systems"][0]["metrics"]
    markdown = (output / "report.md").read_text()
    for wanted in (
        "| lexical | ",
        "## Differences from lexical",
        "smallest that these papers can show",
        "r@20",
        "## Cost",
        "| macro_f1_all |",
        "- `psp@5`: ",
        "| concepts that a judged paper carries (macro_f1 averages over them) | 131 |",
    ):
        assert wanted in markdown
    sets = markdown.split("## The decided sets")[1].split("##")[0]
    assert "| threshold source |" in sets
    assert "| 5-fold cross-validation of the training papers |" in sets
    assert (output / "systems" / "two-best" / "report.html").is_file()


def test_runs_are_compared(scixtag, output, tmp_path):
    code, out, _ = scixtag("compare", output / "runs" / "prior", output / "runs" / "lexical", "--replicates", 20)
    assert code == 0
    assert "less prior" in out
    code, out, _ = scixtag("compare", output, "--metrics", "p@1", "--json", "-", "--quiet")
    document = json.loads(out)
    assert (code, document["runs"], document["papers"]) == (0, ["lexical", "prior", "two best"], 246)
    assert scixtag("compare", output, "--json", tmp_path / "c.json", "--quiet")[:2] == (0, "")
    assert json.loads((tmp_path / "c.json").read_text())["runs"] == document["runs"]


def test_the_page_opens_in_a_browser_sorts_and_searches(output, chromium):
    playwright = pytest.importorskip("playwright.sync_api")
    flags = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking"
    flags += " --disable-component-update --disable-sync"
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=flags.split())
        for scheme in ("light", "dark"):
            page = browser.new_page(color_scheme=scheme, viewport={"width": 1200, "height": 900})
            told, asked = [], []
            page.on("console", lambda message, told=told: told.append(message.text))
            page.on("pageerror", lambda error, told=told: told.append(str(error)))
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.goto((output / "report.html").as_uri())
            check_page(page)
            assert told == []
            assert asked == [(output / "report.html").as_uri()]
            page.close()
        browser.close()


def check_page(page):
    ranking = page.get_by_role("table", name="Metrics of the ranked candidates")
    names = lambda: ranking.locator("tbody th").all_text_contents()  # noqa: E731
    assert names() == ["lexical", "prior", "two best"]
    ranking.get_by_role("button", name="p@1").click()
    assert names()[-1] == "prior"
    ranking.get_by_role("button", name="p@1").click()
    assert names()[0] == "prior"
    ranking.get_by_role("button", name="system").click()
    assert names() == sorted(names())
    sets = page.get_by_role("table", name="Metrics at each system's own decision rule")
    region = page.get_by_role("region", name="Metrics at each system's own decision rule")
    page.wait_for_function("box => box.classList.contains('more')", arg=region.element_handle())
    region.evaluate("box => box.scrollTo(box.scrollWidth, 0)")
    page.wait_for_function("box => !box.classList.contains('more')", arg=region.element_handle())
    assert sets.locator("tbody tr td:last-child").nth(2).text_content() == "given by the configuration"
    concepts = page.get_by_role("table", name="Every concept that a judged paper carries")
    whole = concepts.locator("tbody tr:visible").count()
    page.locator("section", has=concepts).get_by_label("Search").fill("exoplanets")
    found = concepts.locator("tbody tr:visible th").all_text_contents()
    assert 0 < len(found) < whole
    assert all("exoplanets" in name.lower() for name in found)
    # Nothing is cut off at the side, and every chart has a size and a description.
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    charts = page.locator("figure svg")
    assert charts.count() >= 8
    for chart in charts.all():
        assert chart.bounding_box()["width"] > 300
        assert chart.get_attribute("role") == "img"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--systems", "prior", "--metrics", "p@0"], "unknown metric 'p@0'"),
        (["--systems", "priro"], "did you mean 'prior'"),
        ([], "no system"),
        (["--systems", "prior", "--folds", "2", "--test", "sample:test"], "--folds and --test were both given"),
        (["--systems", "prior", "--test", "sample:train"], "also training papers, by id or by text"),
        (["--systems", "prior", "--replicates", "50", "--folds", "200"], "--replicates 50: too few for intervals"),
        (["--systems", "prior", "--folds", "200"], "too few for 200 folds"),
        (["--systems", "prior", "--revision", "abc"], "--revision goes with astroconcepts"),
    ],
)
def test_what_cannot_be_measured_is_refused(scixtag, arguments, message, tmp_path):
    code, _, err = scixtag("benchmark", "sample", *arguments, "--output", tmp_path / "out")
    assert code == 2
    assert message in err
    assert not (tmp_path / "out").exists()


def test_what_is_read_is_not_written_over(scixtag, output, model):
    for command in (
        ("compare", output, "--json", output / "runs" / "prior" / "run.json"),
        ("evaluate", model, "sample:test", "--json", model / "manifest.json"),
        ("drift", model, "sample:test", "--json", model / "new.json"),
    ):
        code, _, err = scixtag(*command)
        assert (code, "which is read; write it to another folder" in err) == (2, True)
    assert scixtag("compare", output, "--replicates", 5, "--quiet")[0] == 0


def test_a_place_that_holds_no_folder_is_refused_before_any_training(scixtag, tmp_path):
    (tmp_path / "file").write_text("x")
    code, _, err = scixtag("benchmark", "sample", "--systems", "prior", "--output", tmp_path / "file" / "out")
    assert (code, "is a file and can hold no folder" in err, "trainings" in err) == (2, True, False)


def test_odd_ids_are_written_inert(scixtag, tmp_path):
    ids = ["\ud800x", "<img src=x onerror=alert(1)>", "a|b\nc", "\x1b[31mred", "=HYPERLINK(1)"]
    rows = [record for record in read_sample(None) if record.labels][:40]
    lines = [
        json.dumps(
            {
                "id": ids[i] if i < len(ids) else record.id,
                "title": record.title,
                "abstract": record.abstract,
                "labels": [int(label) for label in record.labels],
            }
        )
        for i, record in enumerate(rows)
    ]
    (tmp_path / "odd.jsonl").write_text("\n".join(lines))
    command = ("benchmark", tmp_path / "odd.jsonl", "--vocabulary", "sample", "--systems", "prior,lexical")
    command += ("--folds", 2, "--labels-field", "labels")
    code, _, err = scixtag(*command, "--replicates", 5, "--output", tmp_path / "out")
    assert code == 0, err
    assert not re.search("[\x00-\x08\x0b\x0e-\x1f]", (tmp_path / "out" / "report.html").read_text())
    for file in (tmp_path / "out").rglob("*.md"):
        text = file.read_text()
        assert "<img" not in text
        assert "\x1b" not in text
    assert scixtag("compare", tmp_path / "out", "--quiet")[0] == 0


def test_another_folder_is_not_replaced(scixtag, output, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "precious.txt").write_text("x")
    code, _, err = scixtag("benchmark", "sample", "--systems", "prior", "--output", tmp_path / "mine", "--overwrite")
    assert (code, "no benchmark of scixtag" in err) == (2, True)
    code, _, err = scixtag("benchmark", "sample", "--systems", "prior", "--output", output)
    assert (code, "--overwrite" in err) == (2, True)


def test_the_published_split_by_name(scixtag, tmp_path, monkeypatch):
    from huggingface_hub import constants

    cache = tmp_path / "hub" / "datasets--adsabs--SciX_UAT_keywords"
    data = cache / "snapshots" / COMMIT / "data"
    data.mkdir(parents=True)
    (cache / "refs").mkdir()
    (cache / "refs" / "main").write_text(COMMIT)
    for part, name in (("train", "train"), ("test", "val")):
        rows = [record for record in read_sample(part) if record.labels]
        columns = {
            "bibcode": [record.id for record in rows],
            "title": [record.title for record in rows],
            "abstract": [record.abstract for record in rows],
            "verified_uat_ids": [[int(label) for label in record.labels] for record in rows],
        }
        pq.write_table(pa.table(columns), data / f"{name}-00000-of-00001.parquet")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    command = ("benchmark", "astroconcepts", "--vocabulary", "sample", "--systems", "prior", "--replicates", 20)
    code, _, err = scixtag(*command, "--output", tmp_path / "out")
    assert code == 0, err
    assert f"repeat this run with --revision {COMMIT}" in err
    document = json.loads((tmp_path / "out" / "benchmark.json").read_text())
    assert document["protocol"]["papers"] == f"hf:adsabs/SciX_UAT_keywords@{COMMIT}:train"
    page = (tmp_path / "out" / "report.html").read_text()
    assert "published: astroBERT" in page
    assert "arXiv:2604.02156" in page
    assert (
        "*published:* astroBERT top 50, DeepSeek-V3 | 0.650 | 0.493 |" in (tmp_path / "out" / "report.md").read_text()
    )
    code, _, err = scixtag(*command, "--folds", 3, "--output", tmp_path / "other")
    assert (code, "a split already" in err) == (2, True)


def test_what_a_reader_must_know_is_said_first(scixtag, tmp_path):
    from scixtag.corpus.sample import read_sample

    rows = [record for record in read_sample(None) if record.labels][:40]
    lines = [{"id": r.id, "title": r.title, "abstract": r.abstract, "labels": list(r.labels)} for r in rows]
    (tmp_path / "train.jsonl").write_text("\n".join(json.dumps(line) for line in lines[:30]))
    (tmp_path / "test.jsonl").write_text("\n".join(json.dumps(line) for line in lines[28:29]))
    command = ("benchmark", tmp_path / "train.jsonl", "--vocabulary", "sample", "--test", tmp_path / "test.jsonl")
    command += ("--systems", "prior", "--system", "bare: lexical calibration.method=none decision.rule=top-k")
    command += ("--repeats", 2, "--reuse", "--allow-overlap", "--metrics", "ece", "--output", tmp_path / "out")
    code, out, err = scixtag(*command)
    assert code == 0, err
    document = json.loads((tmp_path / "out" / "benchmark.json").read_text())
    markdown, page = ((tmp_path / "out" / name).read_text() for name in ("report.md", "report.html"))
    for remark, words in zip(
        document["remarks"], ("also training papers: 1", "1, too few", "2 repeats", "times may"), strict=True
    ):
        assert words in remark
        assert remark in markdown
        assert remark in page
        assert words in " ".join(out.split())
    assert [("ece" in one["metrics"]) for one in document["systems"]] == [True, False]
    # One paper has no interval, and shows no difference.
    assert "| bare | p@1 | +" in markdown
    assert set(re.findall(r"\| (higher|lower|not told apart) \|", markdown)) == set()


def test_more_candidates_than_there_are_cannot_be_measured(scixtag, tmp_path):
    code, _, err = scixtag(
        "benchmark", "sample", "--systems", "prior", "--metrics", "r@500", "--output", tmp_path / "o"
    )
    assert (code, "systems answer with 100 candidates at most" in err) == (2, True)


def test_control_characters_of_ids_do_not_reach_the_terminal(scixtag, tmp_path):
    code, _, err = scixtag("benchmark", "sample", "--systems", "prior\x1b[31m", "--output", tmp_path / "o")
    assert (code, "\x1b" in err, "\\x1b[31m" in err) == (2, False, True)
