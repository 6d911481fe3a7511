"""The devices, links and latency requirements under which methods are compared."""

from dataclasses import dataclass

SLOWDOWNS = (20.0, 60.0)
REQUIREMENTS_S = (0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)
QUICK_REQUIREMENTS_S = (0.05, 0.1, 0.3)
_RATES_BPS = (50e3, 100e3, 250e3, 500e3, 1e6, 2e6, 5e6, 20e6)
_FEWER_RATES_BPS = (100e3, 500e3, 2e6, 20e6)
_SHORT_S, _LONG_S = 0.002, 0.04
_ASYMMETRY = 10
_ABLATED = ((500e3, 500e3, _SHORT_S), (2e6, 2e6, _LONG_S))


@dataclass(frozen=True)
class Condition:
    """A device on a link.

    Attributes:
        slowdown: How many times as long the device computes as a core of this machine.
        up_bps, down_bps: Of the link.
        round_trip_s: Delay of the link, beside what the testbed and the edge take.
    """

    slowdown: float
    up_bps: float
    down_bps: float
    round_trip_s: float

    def __str__(self) -> str:
        return f"{self.slowdown:g}x, {self.link}"

    @property
    def link(self) -> str:
        """The link, in words."""
        down = "" if self.down_bps == self.up_bps else f", down {self.down_bps / 1e3:,g}"
        return f"{self.up_bps / 1e3:,g} kbps{down}, {self.round_trip_s * 1e3:g} ms"

    @property
    def file_name(self) -> str:
        """Of the file that keeps what was measured under it."""
        rates = f"{self.up_bps / 1e3:g}-{self.down_bps / 1e3:g}kbps"
        return f"{self.slowdown:g}x-{rates}-{self.round_trip_s * 1e3:g}ms.json"


def conditions() -> list[Condition]:
    """Every device on symmetric links of all rates, and on fewer with a longer round trip and 10:1."""
    links = [(rate_bps, rate_bps, _SHORT_S) for rate_bps in _RATES_BPS]
    links += [(rate_bps, rate_bps, _LONG_S) for rate_bps in _FEWER_RATES_BPS]
    links += [(rate_bps, rate_bps * _ASYMMETRY, _SHORT_S) for rate_bps in _FEWER_RATES_BPS[:-1]]
    links += [(_FEWER_RATES_BPS[1], _FEWER_RATES_BPS[1] * _ASYMMETRY, _LONG_S)]
    return [Condition(slowdown, *link) for slowdown in SLOWDOWNS for link in links]


def quick_conditions() -> list[Condition]:
    """The first device on two links."""
    links = ((250e3, 250e3, _SHORT_S), (2e6, 20e6, _LONG_S))
    return [Condition(SLOWDOWNS[0], *link) for link in links]


def are_ablated(condition: Condition) -> bool:
    """Whether ours is run without each of its parts there, too: a near link, and a far and quicker one."""
    return (condition.up_bps, condition.down_bps, condition.round_trip_s) in _ABLATED
