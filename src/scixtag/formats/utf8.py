"""Text to bytes; without NumPy, for help texts that know the forms of keywords."""


def encoded(text: str) -> bytes:
    """UTF-8; a lone surrogate in somebody's text becomes its escape, which JSON reads back as it was."""
    return text.encode("utf-8", errors="backslashreplace")
