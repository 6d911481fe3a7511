"""The circuit breaker, on a clock of its own."""

from device_runtime.edges.breaker import Breaker

GONE = OSError("gone")


class Clock:
    """Seconds that pass when told to."""

    now_s = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now_s


def test_it_opens_after_three_failures_in_a_row_and_not_before() -> None:
    """A success in between starts the count again."""
    breaker = Breaker(Clock())
    breaker.failed(GONE)
    breaker.failed(GONE)
    breaker.succeeded()
    breaker.failed(GONE)
    breaker.failed(GONE)
    assert (breaker.is_open, breaker.absence) == (False, None)
    breaker.failed(GONE)
    assert (breaker.is_open, breaker.absence) == (True, "OSError: gone")


def test_probes_are_due_after_growing_pauses_of_at_most_a_second() -> None:
    """0.25, 0.5, 1, 1 ... seconds: a returned edge is soon seen."""
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(3):
        breaker.failed(GONE)
    pauses = []
    for _ in range(6):
        began_s = clock.now_s
        while not breaker.probe_is_due:
            clock.now_s += 0.125
        pauses.append(clock.now_s - began_s)
        breaker.failed(GONE)
    assert pauses == [0.25, 0.5, 1.0, 1.0, 1.0, 1.0]


def test_one_answer_closes_it_and_the_pause_starts_small_again() -> None:
    """After a success requests may go at once; a closed breaker asks for no probe."""
    clock = Clock()
    breaker = Breaker(clock, "no edge there")
    assert breaker.is_open
    assert breaker.absence == "no edge there"
    assert breaker.probe_is_due
    for _ in range(9):
        breaker.failed(GONE)
    breaker.succeeded()
    assert (breaker.is_open, breaker.probe_is_due) == (False, False)
    for _ in range(3):
        breaker.failed(GONE)
    clock.now_s += 0.25
    assert breaker.probe_is_due
