import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scixtag.corpus.latex import has_latex
from scixtag.corpus.markup import has_tags
from scixtag.corpus.record import Record
from scixtag.corpus.text import Text, clean, text_of

PLAIN = "Plain English, with (brackets) and 12 numbers: 3.5 - 7; a/b?"

TAGS = {
    "z<0.5": "z<0.5",
    "a < b and c > d": "a < b and c > d",
    "a<b and c>d": "a<b and c>d",
    "<10 keV": "<10 keV",
    "the mean <z> and <Teff>": "the mean <z> and <Teff>",
    "the mean field<B> of <b>bold</b> stars": "the mean field of bold stars",
    "a field <S> alone": "a field <S> alone",
    "H<SUB>2</SUB>O": "H2O",
    "H<sub>2</sub>O": "H2O",
    "10<SUP>12</SUP> M<SUB>⊙</SUB>": "10^12 M_sun",
    "R <SUB>⊕</SUB>": "R_Earth",
    "km s<SUP>-1</SUP>": "km s^-1",
    "km s<SUP>\u20111</SUP>": "km s^-1",
    "1.02<SUB>-0.25</SUB><SUP>+0.24</SUP>": "1.02_-0.25^+0.24",
    "<SUP>13</SUP>CO, the 5<SUP>th</SUP>": "13CO, the 5th",
    "one<br/>two<p>three</p><BR>four": "one two three four",
    "<title>A</title><p class='x' id=y>B</p>": "A B",
    '<A href="https://x.org/a_b">catalogue</A>': "catalogue",
    "<jats:p>Hi <jats:italic>there</jats:italic></jats:p>": "Hi there",
    "<mml:math><mml:mi>z</mml:mi><mml:mo>=</mml:mo><mml:mn>3</mml:mn></mml:math>": "z=3",
    "<tex-math>$z\\sim 1$</tex-math><mml:math><mml:mi>z</mml:mi></mml:math> end": "z~1 end",
    "x<!-- hidden --> y": "x y",
    "<![CDATA[data]]>": "data",
}

ENTITIES = {
    "&lt;10 keV": "<10 keV",
    "a &amp; b": "a & b",
    "&amp;lt;SUB&amp;gt;2&amp;lt;/SUB&amp;gt;": "2",
    "H&agr; and H&Agr;": "Halpha and HAlpha",
    "caf&eacute;&nbsp;&#233;&#xe9;": "café éé",
    "R&D, A&A, AT&T, x?a=1&times=2": "R&D, A&A, AT&T, x?a=1&times=2",
    "Titan&'s": "Titan's",
    "&unknown; &#99999999;": "&unknown; &#99999999;",
}

LATEX = {
    r"\alpha": "alpha",
    r"$\alpha$ Cen and $\Omega_m$": "alpha Cen and Omegam",
    r"\mathrm{x} \textit{y} {\it z} \emph{w}": "x y z w",
    r"$M_\odot$, $M_{\odot}$, M_\odot, ${M}_{\odot }$": "M_sun, M_sun, M_sun, M_sun",
    r"$10^{12}\,M_\odot$": "10^12 M_sun",
    r"10$^{12}$ and 10$^5$": "10^12 and 10^5",
    r"$^{13}$CO and $\rm H_2O$": "13CO and H2O",
    r"$\sim$10 and $z\lesssim 2$": "~10 and z≲2",
    r"${1.02}_{-0.25}^{+0.24}$": "1.02_-0.25^+0.24",
    r"$\mathrm{erg}\,{\mathrm{cm}}^{-2}\,{{\rm{s}}}^{-1}$": "erg cm^-2 s^-1",
    r"$25.25\,\mu {\rm{m}}$": "25.25 μm",
    r"$\dot{M}$ and $\dot M$": "Ṁ and Ṁ",
    r"$5\buildrel{\circ}\over{.} 5$ and 5$^\circ$": "5°. 5 and 5°",
    r"$\log M_\star$, $\sin\theta$": "log M⋆, sin theta",
    r"$\frac{a}{b}$ and $\frac{1}{\frac{2}{3}}$": "a/b and 1/2/3",
    r"\(x^2\) and \[y\]": "x^2 and y",
    r"K\"orper, \"{o}, {\"u}, \'{\i}, \v{s}, \c{c}, \~n, {\AA}, 5 \AA wide, \o": (
        "Körper, ö, ü, í, š, ç, ñ, Å, 5 Å wide, ø"
    ),
    r"A \& B, 5\%, \$5, \#1": "A & B, 5%, $5, #1",
    r"\kms and \HI": "kms and HI",
    r"Fig.~1 \citep[e.g.][]{x} of \textcolor{red}{word}": "Fig. 1 of word",
    "$5": "$5",
    "$5 to $10": "$5 to $10",
    "costs $5 and $x$": "costs $5 and x",
    "US$5 and US$6": "US$5 and US$6",
    r"0.22 ${M}_{\odot } and": "0.22 M_sun and",
    "{Fe} {II} at {10}<SUP>-11</SUP>": "Fe II at 10^-11",
    "{a, b}": "{a, b}",
    r"unbalanced {\rm x": "unbalanced x",
    "\\": "",
    "\\frac{": "frac",
    "low_z and file_name": "low_z and file_name",
}

CHARACTERS = {
    "γ-ray, Hα, Δν, δ Scuti": "gamma-ray, Halpha, Delta nu, delta Scuti",
    "5 μm, 5 µm, μ = 3": "5 μm, 5 μm, mu = 3",
    "κόσμος": "κόσμος",
    "10¹² cm⁻²": "10^12 cm^-2",
    "ϵ ϕ ɛ": "epsilon phi epsilon",
    "gamma\u2011ray −5 ∼3 “a” Earth’s 1″ 5º": 'gamma-ray -5 ~3 "a" Earth\'s 1" 5°',
    "ﬁne ｆｕｌｌ": "fine full",
    "a\u00a0\u2009 b\t\nc": "a b c",
    "a\u200bb\x00c\u00add\ud800": "abcd",
    "\u3164\u115f\u1160\uffa0\u2800 \u034f\u17b4\U000e0100": "",
    "the Sun \u2600\ufe0f\u3164 and α\ufe0e stars": "the Sun \u2600 and alpha stars",
    "e\u0301": "é",
}


@pytest.mark.parametrize(("raw", "plain"), [*TAGS.items(), *ENTITIES.items(), *LATEX.items(), *CHARACTERS.items()])
def test_markup_becomes_plain_text(raw, plain):
    assert clean(raw) == plain


@pytest.mark.parametrize("raw", [raw for group in (TAGS, LATEX, CHARACTERS) for raw in group])
def test_cleaning_its_own_output_changes_nothing(raw):
    assert clean(clean(raw)) == clean(raw)


def test_the_three_spellings_of_a_thing_become_one():
    assert clean("H<SUB>2</SUB>O γ 10<SUP>5</SUP> M<SUB>⊙</SUB>") == clean(r"$H_2O$ $\gamma$ $10^5$ $M_\odot$")


def test_plain_text_comes_back_as_it_is():
    assert clean(PLAIN) == PLAIN
    assert clean("") == ""
    assert clean("  two \n lines ") == "two lines"


@given(st.text())
@example("&" * 5 + "lt;")
@example("$$$\\$$")
def test_any_text_can_be_cleaned(raw):
    plain = clean(raw)
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in plain)
    assert "  " not in plain
    assert plain == plain.strip()


HEAP = [*"\\${}^_&;<>/ab12 ~'\"αμ⊙-.\n", "\\rm", "<sub>", "</SUP>", "\\frac{", "$x$", "&lt;", "\\(", "<!--"]


@given(st.lists(st.sampled_from(HEAP)).map("".join))
def test_any_heap_of_markup_can_be_cleaned(raw):
    plain = clean(raw)
    assert "  " not in plain
    assert "\n" not in plain


@given(st.text(alphabet=st.characters(exclude_characters="&<\\${}", exclude_categories=("Cs", "Cc", "Co", "Cn"))))
def test_text_without_markup_is_cleaned_once_for_all(raw):
    once = clean(raw)
    assert clean(once) == once


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="&<\\${}")))
def test_ascii_without_markup_loses_blanks_only(raw):
    assert clean(raw) == " ".join(raw.split())


def test_deep_nests_of_markup_end_soon():
    for opening, closing in (("{", "}"), ("\\frac{", "}"), ("<b>", "</b>"), ("$", ""), ("<!--", ""), ("\\(", "")):
        clean(opening * 5_000 + "x" + closing * 5_000)


def test_title_and_abstract_make_one_text():
    assert Text("A title", "An abstract.").joined == "A title. An abstract."
    assert Text("A title", "").joined == "A title"
    assert Text("", "An abstract.").joined == "An abstract."
    assert text_of(Record("1", "<i>A</i>", None, None)) == Text("A", "")


def test_markup_is_recognised():
    assert has_tags("H<SUB>2</SUB>O")
    assert has_tags("H&lt;SUB&gt;2&lt;/SUB&gt;O")
    assert has_tags("H&amp;lt;SUB&amp;gt;2")
    assert not has_tags("a < b and c > d, <z>")
    assert has_latex("$z$")
    assert has_latex("{Fe}")
    assert has_latex("\\alpha")
    assert not has_latex("it costs $5")


def test_nothing_but_real_signs_is_left_in_real_papers(shared):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(shared / "data/scix-uat/papers.parquet", columns=["title", "abstract"]).to_pylist()
    texts = [clean(text) for row in table for text in (row["title"], row["abstract"] or "")]
    assert not [text for text in texts if "\\" in text or "{" in text or "}" in text]
    assert not [text for text in texts if re.search(r"</?(SU[BP]|A|inline|tex)\b|&\w+;", text)]
    assert sum("$" in text for text in texts) <= 1
    # What is left of & joins names ("Lazarian & Xu"), but for one broken entity.
    assert sum(len(re.findall(r"&(?! )", text)) for text in texts) == 1
    assert all(clean(text) == text for text in texts)
