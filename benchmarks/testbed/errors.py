"""What can go wrong with a testbed."""

from edgent.errors import EdgentError


class TestbedError(EdgentError):
    """The testbed cannot be built, changed or removed; the message says what is missing."""

    __test__ = False  # the name is no test's


class SelfTestError(TestbedError):
    """The testbed is not what was asked for: a figure is off by more than the tolerance."""
