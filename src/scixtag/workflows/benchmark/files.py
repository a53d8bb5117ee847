"""A benchmark's folder."""

import json
from pathlib import Path

from scixtag.evaluation.report_files import write_report
from scixtag.files import writing_folder
from scixtag.workflows.benchmark.markdown import markdown
from scixtag.workflows.benchmark.page import page
from scixtag.workflows.benchmark.results import BENCHMARK, Benchmark
from scixtag.workflows.runs import RUNS, folder_name, save_run

_JSON = "benchmark.json"
_SYSTEMS = "systems"
_FILES = {_JSON, "report.html", "report.md", _SYSTEMS, RUNS}


def write_benchmark(benchmark: Benchmark, folder: Path, *, overwrite: bool = False) -> None:
    """Write the folder whole or not at all.

    Raises:
        InputError: It exists, and is not to be replaced, or holds something else than a benchmark.
        OutputError: It cannot be written.
    """
    with writing_folder(folder, foreign=foreign_content, overwrite=overwrite) as draft:
        document = json.dumps(benchmark.to_document(), indent=1, ensure_ascii=False)
        texts = {_JSON: document + "\n", "report.md": markdown(benchmark), "report.html": page(benchmark)}
        for name, text in texts.items():
            (draft / name).write_text(text, encoding="utf-8", errors="backslashreplace")
        for name, report in benchmark.reports.items():
            write_report(report, draft / _SYSTEMS / folder_name(name))
        for place, (name, run) in enumerate(benchmark.runs.items()):
            save_run(run, draft / RUNS / folder_name(name), place)


def foreign_content(folder: Path) -> str:
    """Why a folder may not be replaced by a benchmark; empty if it may."""
    try:
        known = json.loads((folder / _JSON).read_text(encoding="utf-8"))["format"] == BENCHMARK
    except (OSError, ValueError, KeyError, TypeError):
        known = False
    if not known:
        return "it holds other files and no benchmark of scixtag"
    strange = sorted(path.name for path in folder.iterdir() if path.name not in _FILES)
    return f"it also holds {', '.join(strange[:3])}" if strange else ""
