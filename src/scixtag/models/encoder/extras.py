"""The packages that the encoder needs beside those of the base installation."""

from importlib.util import find_spec
from types import MappingProxyType

from scixtag.errors import ConfigError

_PACKAGES = MappingProxyType(
    {
        "encoder": ("torch", "transformers", "accelerate", "safetensors", "tokenizers"),
        "export": ("torch", "transformers", "onnx", "onnxruntime", "onnxscript"),
        "onnx": ("onnxruntime", "tokenizers"),
        "tensorboard": ("tensorboard",),
    }
)


def require_extra(name: str) -> None:
    """Say what to install, before an import fails.

    Args:
        name: An extra of scixtag.

    Raises:
        ConfigError: One of its packages is missing.
    """
    missing = [package for package in _PACKAGES[name] if find_spec(package) is None]
    if missing:
        raise ConfigError(
            f"the encoder needs {', '.join(missing)}, which the base installation leaves out; "
            f"install the extra: pip install 'scixtag[{name}]'"
        )
