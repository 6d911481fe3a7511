"""What a bearer token may look like."""


def is_token(text: str) -> bool:
    """Whether a text can be sent as a token: some characters of ASCII that are printed, and no blank."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text
