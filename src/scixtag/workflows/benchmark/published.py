"""What others have published on the official split, to be set beside what was run here."""

from dataclasses import dataclass

NAME = "astroconcepts"
"""The official split by name: train and val of the dataset that AstroConcepts was made of."""

DATASET = "adsabs/SciX_UAT_keywords"
VOCABULARY = "uat:5.1.0"


@dataclass(frozen=True, slots=True)
class Published:
    """A published row; what was not published is None.

    Attributes:
        system: As its authors call it.
        p: Precision of the top 1, 3 and 5.
        r: Recall of the top 1, 3 and 5.
        f1: Per-paper F1 of the top five.
    """

    system: str
    p: tuple[float | None, float | None, float | None]
    r: tuple[float | None, float | None, float | None]
    f1: float

    def value(self, metric: str) -> float | None:
        """By the name of our metric."""
        ours = dict(zip(("p@1", "p@3", "p@5", "r@1", "r@3", "r@5"), (*self.p, *self.r), strict=True))
        return self.f1 if metric == "sample_f1@5" else ours.get(metric)


PUBLISHED = (
    Published("rule-based, names only", (None, None, None), (None, None, None), 0.195),
    Published("rule-based, with variants", (None, None, None), (None, None, None), 0.214),
    Published("k-NN over embeddings", (0.6125, 0.4607, 0.3698), (0.1398, 0.3155, 0.4221), 0.2017),
    Published("BERT, 8 epochs, 512 tokens", (0.2975, 0.2187, 0.1784), (0.0810, 0.1730, 0.2273), 0.1880),
    Published("SciBERT", (0.3213, 0.2409, 0.2020), (0.0872, 0.1864, 0.2563), 0.2127),
    Published("astroBERT", (0.4909, 0.3733, 0.3068), (0.1360, 0.2933, 0.3905), 0.3243),
    Published("astroBERT top 50, DeepSeek-V3", (0.6502, 0.4930, 0.4017), (0.1815, 0.3837, 0.5050), 0.3770),
    Published("a perfect ranker", (1.0, None, 0.767), (None, None, 0.932), 0.802),
)
"""Tables 5 and 6 of arXiv:2604.02156: trained on 18,677 train papers, tested on 3,025 val papers."""

CAVEATS = (
    "Published rows: AstroConcepts (arXiv:2604.02156), tables 5 and 6; 18,677 training papers, 3,025 judged ones. They "
    "come without intervals. The encoders' published precision and recall equal their P@5 and R@5, so their F1 is read "
    "as the per-paper F1 of the top five, our sample_f1@5; that of k-NN and of the rules may be another one.",
    "The paper states neither the threshold nor the denominator of its averages by frequency. Numbers published "
    "elsewhere on this split chose thresholds on the test papers, or dropped rare labels, and are left out.",
)
