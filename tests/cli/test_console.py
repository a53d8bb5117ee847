import re

import pytest

from scixtag import progress
from scixtag.cli import console


def said(capsys):
    return [re.sub(r"\d+\.\d s", "_ s", line) for line in capsys.readouterr().err.splitlines()]


def test_the_last_line_of_a_piece_of_work_ends_with_the_last_detail(capsys):
    with console.console(quiet=False), progress.stage("training", 3) as advance:
        advance(1, "loss 0.7")
        advance(1, "loss 0.5, rate 1e-5")
        advance(1)
    assert said(capsys) == ["training: 3 in _ s; loss 0.5, rate 1e-5"]


def test_work_that_stops_says_how_it_went(capsys):
    with pytest.raises(ValueError), console.console(quiet=False), progress.stage("training", 3) as advance:
        advance(1, "loss nan")
        raise ValueError
    assert said(capsys) == ["training: stopped after 1 and _ s; loss nan"]


def test_work_without_detail_reads_as_before(capsys):
    with console.console(quiet=False), progress.stage("fitting", 1) as advance:
        advance(1)
    assert said(capsys) == ["fitting: done in _ s"]


def test_long_work_says_details_on_the_way(capsys, monkeypatch):
    monkeypatch.setattr(console, "_LINE_EVERY", 0.0)
    with console.console(quiet=False), progress.stage("training", 2) as advance:
        advance(1, "loss 0.7")
    assert re.fullmatch(r"training: 1 of 2, about \d+ s left; loss 0.7", capsys.readouterr().err.splitlines()[0])


def test_a_bar_shows_the_detail_as_plain_text(capsys):
    with console._Bars() as bars, progress.reporting_to(bars), progress.stage("training", 3) as advance:
        advance(1, "loss 0.7 [bold]")
        advance(1)
        [task] = bars._progress.tasks
        assert (task.completed, task.fields["detail"]) == (2, "loss 0.7 [bold]")
        bars._progress.console.print(bars._progress.get_renderable())
    assert "[bold]" in capsys.readouterr().err


def test_a_total_that_nobody_counted_is_told_as_such_and_may_be_wrong(capsys, monkeypatch):
    monkeypatch.setattr(console, "_LINE_EVERY", 0.0)
    with console.console(quiet=False), progress.stage("tagging", progress.Estimate(2000)) as advance:
        advance(1000)
        advance(1001)
    first, second, _ = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"tagging: 1,000 of about 2,000, about \d+ s left", first)
    assert re.fullmatch(r"tagging: 2,001 after \d+ s", second)


@pytest.mark.parametrize(
    ("total", "told"), [(progress.Estimate(2000), "1/about 2,000"), (2000, "1/2,000"), (None, "1/?")]
)
def test_a_bar_says_of_how_many(capsys, total, told):
    with console._Bars() as bars, progress.reporting_to(bars), progress.stage("tagging", total) as advance:
        advance(1)
        bars._progress.console.print(bars._progress.get_renderable(), width=200)
    assert told in capsys.readouterr().err
