"""What a bearer token may look like, and where it comes from."""

VARIABLE = "EDGENT_TOKEN"
"""Names the environment's token, which comes before that of any file."""


def is_token(text: str) -> bool:
    """Whether a text can be sent as a token: some characters of ASCII that are printed, and no blank."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text
