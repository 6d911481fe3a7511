"""Two versions of a network are told apart by their digests."""

from edgent.core.served_version import served_version


def test_a_version_is_the_begin_of_the_digest() -> None:
    """Another model has another version; the same one always has the same."""
    sha256 = "0123456789abcdef" * 4
    assert served_version(sha256) == "0123456789ab"
    assert served_version(sha256) != served_version(sha256[1:] + "0")
