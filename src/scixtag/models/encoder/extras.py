"""The packages that the encoder needs beside those of the base installation."""

from types import MappingProxyType

from scixtag.extras import require_packages

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
    require_packages("the encoder", _PACKAGES[name], name)
