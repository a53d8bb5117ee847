"""Short identifiers for the concepts of a vocabulary, from their URIs."""

import re
from collections.abc import Iterable
from itertools import takewhile

from scixtag.vocabulary.concept import ConceptId

_NUMBERED = re.compile(r"([^0-9]*)([0-9]{1,18})")  # eighteen digits fit into 64 bits


def assign_ids(uris: Iterable[str]) -> dict[str, ConceptId]:
    """The short id of every URI; the whole vocabulary decides on the kind.

    Where all local names are a number after one shared prefix (`594`, `p10`), and no number comes twice, the ids are
    these numbers; else the local names, if they are distinct; else the URIs themselves. `7` and `007` are one number,
    so a vocabulary that has both keeps its local names.

    Args:
        uris: Distinct URIs in any order.

    Returns:
        A dictionary from URI to id, in the order of the ids.
    """
    names = {uri: local_name(uri) for uri in sorted(set(uris))}
    numbers = _numbers(names)
    if numbers:
        return dict(sorted(numbers.items(), key=lambda item: item[1]))
    texts = names if len(set(names.values())) == len(names) else {uri: uri for uri in names}
    return dict(sorted(texts.items(), key=lambda item: item[1]))


def local_name(uri: str) -> str:
    """What follows the last `/` or `#`, a closing one aside: `594` for `http://astrothesaurus.org/uat/594`."""
    return re.split(r"[/#]", uri.rstrip("/#"))[-1]


def common_base(uris: Iterable[str]) -> str:
    """What all URIs begin with, up to a `/`, `#` or `:`; empty if that is no more than a scheme, such as `https://`.

    Args:
        uris: At least one.
    """
    listed = sorted(uris)
    # What the first and the last in order share, all share.
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(listed[0], listed[-1], strict=False))
    shared = "".join(one for one, _ in pairs)
    base = re.match(r".*[/#:]", shared, flags=re.DOTALL)
    return base[0] if base and re.fullmatch(r"[a-zA-Z][\w+.-]*:/{0,2}", base[0]) is None else ""


def _numbers(names: dict[str, str]) -> dict[str, int]:
    """The numbers in the local names; empty if one has none, the prefixes differ, or a number comes twice."""
    matches = {uri: _NUMBERED.fullmatch(name) for uri, name in names.items()}
    parts = {uri: match.groups() for uri, match in matches.items() if match}
    prefixes = {prefix for prefix, _ in parts.values()}
    numbers = {uri: int(digits) for uri, (_, digits) in parts.items()}
    if len(parts) < len(names) or len(prefixes) > 1 or len(set(numbers.values())) < len(numbers):
        return {}
    return numbers
