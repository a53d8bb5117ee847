"""What LaTeX commands print."""

from scixtag.corpus.characters import GREEK

ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "c": "\u0327", "v": "\u030c", "H": "\u030b", "k": "\u0328", "r": "\u030a", "u": "\u0306", "d": "\u0323",
    "b": "\u0331", "dot": "\u0307", "ddot": "\u0308",
}  # fmt: skip
"""Accent commands and the combining characters that they mean."""

LETTERS = {
    "AA": "Å", "aa": "å", "AE": "Æ", "ae": "æ", "OE": "Œ", "oe": "œ", "O": "Ø", "o": "ø", "L": "Ł", "l": "ł",
    "ss": "ß", "i": "i", "j": "j", "DH": "Ð", "dh": "ð", "DJ": "Đ", "dj": "đ", "TH": "Þ", "th": "þ", "NG": "Ŋ",
    "ng": "ŋ", "S": "§", "P": "¶", "copyright": "©", "pounds": "£", "angstrom": "Å",
}  # fmt: skip
"""Commands for letters that English lacks."""

ESCAPED = {
    ",": " ", ";": " ", ":": " ", ">": " ", " ": " ", "\n": " ", "\t": " ", "\\": " ", "!": "", "-": "", "/": "",
    "(": "", ")": "", "[": "", "]": "", "|": "|", "~": "~",
}  # fmt: skip
"""Commands of one sign that is not a letter; the rest print the sign itself."""

_STYLES = """
    rm it bf sc sf tt em sl cal mathrm mathit mathbf mathsf mathtt mathcal mathscr mathfrak mathbb mathnormal boldmath
    boldsymbol bm textrm textit textbf textsc textsf texttt textsl textup textmd textnormal textsuperscript
    textsubscript emph underline overline text mbox hbox vbox fbox makebox operatorname mathop mathrel mathbin mathord
    mathit small tiny scriptsize footnotesize normalsize large Large LARGE huge Huge scriptstyle textstyle displaystyle
    scriptscriptstyle left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr middle limits nolimits
    hat bar tilde vec check breve acute grave widehat widetilde overrightarrow overleftarrow underbrace overbrace
    overset underset stackrel buildrel over atop choose protect ensuremath rlap llap kern mkern hskip hfill noindent
    centering url mathchoice nobreak allowbreak displaylimits unboldmath upshape itshape bfseries scshape rmfamily
    sffamily ttfamily mathstrut strut xspace relax par uppercase lowercase uline textcolor color null
    """
STYLES = frozenset(_STYLES.split())
"""Commands that print nothing themselves; what they apply to stays."""

_VARIANTS = {
    "varepsilon": "ε", "vartheta": "θ", "varpi": "π", "varrho": "ρ", "varsigma": "σ", "varphi": "φ", "straightphi": "φ",
    "straightepsilon": "ε", "omicron": "ο", "textmu": "μ", "micro": "μ", "upmu": "μ",
}  # fmt: skip
_RELATIONS = {
    "sim": "~", "simeq": "≃", "approx": "≈", "cong": "≅", "equiv": "≡", "propto": "∝", "asymp": "≍", "le": "≤",
    "leq": "≤", "leqslant": "≤", "ge": "≥", "geq": "≥", "geqslant": "≥", "lt": "<", "gt": ">", "ll": "≪", "gg": "≫",
    "lesssim": "≲", "lsim": "≲", "la": "≲", "gtrsim": "≳", "gsim": "≳", "ga": "≳", "ne": "≠", "neq": "≠",
    "lessapprox": "⪅", "gtrapprox": "⪆", "in": "∈", "notin": "∉", "subset": "⊂", "subseteq": "⊆", "parallel": "∥",
    "perp": "⊥", "bot": "⊥", "mid": "|", "vert": "|", "Vert": "|", "to": "→", "rightarrow": "→", "longrightarrow": "→",
    "leftarrow": "←", "leftrightarrow": "↔", "Rightarrow": "⇒", "Leftarrow": "⇐", "mapsto": "↦", "uparrow": "↑",
    "downarrow": "↓", "rightleftharpoons": "⇌",
}  # fmt: skip
_OPERATORS = {
    "pm": "±", "mp": "∓", "times": "×", "div": "÷", "cdot": "·", "cdots": "...", "ldots": "...", "dots": "...",
    "ast": "*", "star": "⋆", "bullet": "•", "circ": "°", "degr": "°", "degree": "°", "textdegree": "°", "odot": "⊙",
    "sun": "⊙", "oplus": "⊕", "earth": "⊕", "otimes": "⊗", "cap": "∩", "cup": "∪", "wedge": "∧", "vee": "∨",
    "sum": "∑", "prod": "∏", "int": "∫", "partial": "∂", "nabla": "∇", "sqrt": "√", "infty": "∞", "prime": "'",
    "dagger": "†", "ddagger": "‡", "setminus": "∖", "backslash": "∖", "textbackslash": "∖", "slash": "/",
    "forall": "∀", "exists": "∃", "emptyset": "∅", "angle": "∠", "triangle": "△", "square": "□", "box": "□",
    "Msun": "M⊙", "msun": "M⊙", "Lsun": "L⊙", "lsun": "L⊙", "Rsun": "R⊙", "rsun": "R⊙", "Mearth": "M⊕", "Rearth": "R⊕",
    "arcsec": '"', "arcmin": "'", "farcs": '."', "farcm": ".'", "fdg": ".°",
}  # fmt: skip
_SIGNS = {
    "langle": "⟨", "rangle": "⟩", "lbrace": "{", "rbrace": "}", "lbrack": "[", "rbrack": "]", "ell": "l", "hbar": "ħ",
    "Re": "Re", "Im": "Im", "aleph": "ℵ", "quad": " ", "qquad": " ", "space": " ", "enspace": " ", "thinspace": " ",
    "textendash": "–", "textemdash": "—", "textquoteright": "'", "textquoteleft": "`", "textquotedblleft": '"',
    "textquotedblright": '"', "textasciitilde": "~", "sptilde": "~", "textless": "<", "textgreater": ">",
    "textregistered": "®", "texttrademark": "™", "textperiodcentered": "·", "textbar": "|", "newline": " ",
    "linebreak": " ", "textunderscore": "_", "textdollar": "$", "textpm": "±", "texttimes": "×",
}  # fmt: skip

SYMBOLS = {name: letter for letter, name in GREEK.items()} | _VARIANTS | _RELATIONS | _OPERATORS | _SIGNS
"""Commands and the characters that they print."""
