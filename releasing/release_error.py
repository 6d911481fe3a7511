"""Why something cannot be released."""


class ReleaseError(Exception):
    """A check of a release failed; the message says what to change."""
