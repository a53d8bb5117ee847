"""A pretrained encoder by name: on the hub, in a folder, or inside an installed package."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from scixtag.errors import ConfigError, RemoteError

_PACKAGE = "package:"


class Source(NamedTuple):
    """Where an encoder is loaded from.

    Attributes:
        name: A folder, or a name on the hub.
        offline: Nothing is fetched.
        revision: Branch, tag or commit on the hub; None: the newest.
    """

    name: str
    offline: bool
    revision: str | None = None

    @property
    def options(self) -> dict[str, Any]:
        """What `from_pretrained` takes beside the name."""
        return {"local_files_only": self.offline, "revision": self.revision or "main"}


def find_source(encoder: str) -> Source:
    """Where the encoder lies.

    Args:
        encoder: A name on the hub (`NAME@REVISION` pins it), a local folder, or `package:NAME`.

    Raises:
        ConfigError: There is no such folder or package, or it holds no encoder.
    """
    if encoder.startswith(_PACKAGE):
        return Source(str(_folder_in_package(encoder)), offline=True)
    folder = Path(encoder).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise ConfigError(f"encoder = '{encoder}': the folder holds no config.json; point to a model's own folder")
        return Source(str(folder), offline=True)
    if encoder.count("/") > 1 or encoder.startswith((".", "/", "~")):
        raise ConfigError(f"encoder = '{encoder}': no such folder; name a folder with config.json, or a hub's model")
    name, _, revision = encoder.partition("@")
    return Source(name, _offline(), revision or None)


def _folder_in_package(encoder: str) -> Path:
    name = encoder.removeprefix(_PACKAGE).replace("-", "_")
    spec = find_spec(name) if name.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError(f"encoder = '{encoder}': no such package; try: pip install {name.replace('_', '-')}")
    for place in spec.submodule_search_locations:
        found = sorted(Path(place).rglob("config.json"), key=lambda file: len(file.parts))
        if found:
            return found[0].parent
    raise ConfigError(f"encoder = '{encoder}': the package holds no config.json, so it carries no encoder")


def load_tokenizer(source: Source, max_length: int) -> Any:
    """The encoder's own tokenizer.

    Raises:
        ConfigError: It cannot be loaded, has no padding token, knows no word, or the encoder cannot read `max_length`
            tokens.
        RemoteError: The hub did not answer, and the encoder is not in its cache.
    """
    from transformers import AutoConfig, AutoTokenizer

    with explaining(source), quietly():
        # Makes our own heads known, to refuse them with a reason.
        import scixtag.models.encoder.heads  # noqa: F401

        config = AutoConfig.from_pretrained(source.name, **source.options)
        tokenizer = AutoTokenizer.from_pretrained(source.name, use_fast=True, **source.options)
    if config.model_type == "scixtag_encoder":
        raise ConfigError(
            f"encoder = '{source.name}': a trained model of scixtag with a head of its own; "
            "train from the encoder that it was made of, or from a model with head = 'cls'"
        )
    if tokenizer.pad_token_id is None:
        raise ConfigError(
            f"encoder = '{source.name}': its tokenizer has no padding token, so papers of different lengths cannot "
            'share a batch; name one in its tokenizer_config.json ("pad_token": …), or choose another encoder'
        )
    if not getattr(tokenizer, "is_fast", False):
        raise ConfigError(f"encoder = '{source.name}': it has no tokenizer.json, which scixtag needs; choose another")
    # transformers makes an empty tokenizer where a folder holds none.
    pieces = tokenizer("the spectrum of a star", add_special_tokens=False)["input_ids"]
    if all(piece == tokenizer.unk_token_id for piece in pieces):
        raise ConfigError(
            f"encoder = '{source.name}': its tokenizer knows no word; does the folder hold a tokenizer.json?"
        )
    room = _positions(config)
    if room and max_length > room:
        raise ConfigError(f"max_length = {max_length}, and {source.name} reads at most {room} tokens; lower it")
    tokenizer.model_max_length = max_length
    return tokenizer


def _positions(config: Any) -> int:
    """How many tokens the encoder has positions for; 0: no bound is known."""
    room = int(getattr(config, "max_position_embeddings", 0) or 0)
    # RoBERTa counts positions from behind the padding token's.
    offset = config.pad_token_id + 1 if config.model_type in ("roberta", "xlm-roberta", "camembert") else 0
    return max(0, room - offset)


@contextmanager
def explaining(source: Source) -> Iterator[None]:
    """Say what to do when an encoder cannot be loaded.

    Raises:
        ConfigError: It lies on this machine and is damaged or no encoder.
        RemoteError: It is not on this machine, and the hub did not give it.
    """
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        if Path(source.name).is_dir():
            raise ConfigError(f"encoder = '{source.name}': cannot be loaded ({_first_line(error)})") from error
        cached = cached_encoders()
        known = f"cached here: {', '.join(cached)}" if cached else "nothing is cached here"
        raise RemoteError(
            f"encoder = '{source.name}': not on this machine, and the hub did not give it ({_first_line(error)}); "
            f"{known}. Check the name and the network, or download it elsewhere and point to the folder: "
            "model.encoder=path/to/folder, or --encoder of `scixtag train`"
        ) from error


def cached_encoders() -> list[str]:
    """The models in the hub's cache on this machine."""
    from transformers.utils.hub import constants

    folders = sorted(Path(constants.HF_HUB_CACHE).glob("models--*/snapshots/*/config.json"))
    return sorted({file.parents[2].name.removeprefix("models--").replace("--", "/") for file in folders})


def _offline() -> bool:
    from transformers.utils.hub import is_offline_mode

    return bool(is_offline_mode())


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


@contextmanager
def quietly() -> Iterator[None]:
    """Without transformers' own bars and its remark that a new head is new."""
    from transformers.utils import logging as hf_logging

    level, bars = hf_logging.get_verbosity(), hf_logging.is_progress_bar_enabled()
    hf_logging.set_verbosity(logging.ERROR)
    hf_logging.disable_progress_bar()
    try:
        yield
    finally:
        hf_logging.set_verbosity(level)
        if bars:
            hf_logging.enable_progress_bar()
