from dataclasses import asdict, dataclass, field
from typing import Literal

import pytest

from scixtag.config import assign, parse_assignment, read_toml, structure, to_toml
from scixtag.errors import ConfigError, InputError


@dataclass(frozen=True)
class Inner:
    rule: Literal["a", "b"] = "a"
    weight: float = 0.5


@dataclass(frozen=True)
class Outer:
    seed: int = 0
    sizes: tuple[int, ...] = (1, 2)
    inner: Inner = field(default_factory=Inner)


def test_a_file_becomes_settings_and_back(tmp_path):
    settings = Outer(3, (4,), Inner("b", 1.0))
    file = tmp_path / "c.toml"
    file.write_text(to_toml(asdict(settings)))
    assert structure(read_toml(file), Outer, "c.toml") == settings


def test_absent_keys_take_their_defaults_and_an_int_is_a_float():
    assert structure({"inner": {"weight": 2}}, Outer, "x") == Outer(inner=Inner(weight=2.0))


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"sead": 1}, "unknown setting 'sead'; did you mean 'seed'"),
        ({"inner": {"wieght": 1}}, r"\[inner\]: unknown setting 'wieght'; did you mean 'weight'"),
        ({"seed": "1"}, "seed = '1'"),
        ({"seed": 1.5}, "seed = 1.5"),
        ({"inner": {"rule": "c"}}, "inner.rule = 'c'"),
        ({"inner": 3}, "inner"),
    ],
)
def test_wrong_settings_are_named(document, message):
    with pytest.raises(ConfigError, match=message):
        structure(document, Outer, "x.toml")


def test_broken_or_missing_files_are_named(tmp_path):
    (tmp_path / "c.toml").write_text("a = [")
    with pytest.raises(InputError, match=r"c\.toml: not valid TOML"):
        read_toml(tmp_path / "c.toml")
    with pytest.raises(InputError, match=r"absent\.toml"):
        read_toml(tmp_path / "absent.toml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b=1", (["a", "b"], 1)),
        ("a=0.5", (["a"], 0.5)),
        ("a=true", (["a"], True)),
        ("a=top-k", (["a"], "top-k")),
        ('a="x"', (["a"], "x")),
    ],
)
def test_assignments(text, expected):
    assert parse_assignment(text) == expected


def test_an_assignment_needs_a_value_and_a_section():
    with pytest.raises(ConfigError, match=r"section\.key=value"):
        parse_assignment("seed")
    document = {"seed": 1}
    with pytest.raises(ConfigError, match="seed is a value"):
        assign(document, ["seed", "x"], 2)
    assign(document, ["model", "C"], 2.0)
    assert document == {"seed": 1, "model": {"C": 2.0}}
