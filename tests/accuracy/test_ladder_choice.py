"""Choosing a few picture codecs out of many."""

from edgent.accuracy.ladder_choice import MeasuredCodec, front, most_useful

LARGE = MeasuredCodec("large", 10_000, 1e-4, 1e-4, 0.92)
MIDDLE = MeasuredCodec("middle", 3_000, 1e-4, 1e-4, 0.90)
SMALL = MeasuredCodec("small", 1_000, 2e-3, 1e-3, 0.87)
TWIN = MeasuredCodec("twin", 2_950, 1e-4, 1e-4, 0.899)
WORSE = MeasuredCodec("worse", 3_500, 2e-4, 1e-4, 0.89)
POOR = MeasuredCodec("poor", 300, 1e-4, 1e-4, 0.4)


def _names(codecs: list[MeasuredCodec]) -> list[str]:
    return [codec.name for codec in codecs]


def test_the_front_has_what_nothing_beats_in_bytes_seconds_and_score() -> None:
    """More bytes, more seconds and less accuracy at once is not on it."""
    assert _names(front([LARGE, MIDDLE, SMALL, TWIN, WORSE, POOR])) == [
        "large",
        "middle",
        "small",
        "twin",
        "poor",
    ]


def test_the_one_that_is_missed_least_goes_first() -> None:
    """Of two near twins one is enough; what is too bad is worth nothing, however small."""
    every = [LARGE, MIDDLE, SMALL, TWIN, WORSE, POOR]
    assert _names(most_useful(every, 3, least_score=0.82)) == ["large", "middle", "small"]
    assert "poor" not in _names(most_useful(every, 6, least_score=0.82))
    assert most_useful([POOR], 6, least_score=0.82) == []


def test_a_slow_encoder_is_left_out_where_it_gains_little() -> None:
    """The device may be 20 times slower than this machine: 200 ms for a few bytes less is no use."""
    slow = MeasuredCodec("slow", 2_900, 1e-2, 1e-3, 0.90)
    assert _names(most_useful([LARGE, MIDDLE, SMALL, slow], 3, least_score=0.8)) == [
        "large",
        "middle",
        "small",
    ]


def test_latency_counts_the_device_by_its_slowdown() -> None:
    """Write, send, read."""
    assert SMALL.latency_s(100e3, 20.0) == 2e-3 * 20 + 1_000 * 8 / 100e3 + 1e-3
