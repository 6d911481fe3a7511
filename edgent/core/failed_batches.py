"""Which batches run input by input, because one like them failed before, and when they are tried again."""

_FIRST_PAUSE, _LONGEST_PAUSE = 8, 1024


class FailedBatches:
    """What is known of batches that failed.

    A batch may fail for want of memory, which passes, or because the network holds at one input only, which
    does not pass. So batches of as many inputs, or more, run input by input for a while. Then one is tried
    again. With each further failure the while is twice as long.
    """

    def __init__(self) -> None:
        """No batch has failed so far."""
        self._least_inputs: int | None = None
        self._pause = _FIRST_PAUSE
        self._left = 0

    def may_run(self, inputs: int) -> bool:
        """Whether a batch of so many inputs is run as one now; a batch that is not counts for the pause."""
        if self._least_inputs is None or inputs < self._least_inputs:
            return True
        if not self._left:
            return True
        self._left -= 1
        return False

    def failed(self, inputs: int) -> int:
        """Take in that a batch of so many inputs failed.

        Returns:
            how many batches of as many inputs, or more, run input by input before one is tried again.
        """
        self._least_inputs = min(inputs, self._least_inputs or inputs)
        self._left = pause = self._pause
        self._pause = min(2 * pause, _LONGEST_PAUSE)
        return pause

    def worked(self, inputs: int) -> bool:
        """Take in that a batch of so many inputs ran as one.

        Returns:
            whether batches of as many inputs had failed before.
        """
        recovers = self._least_inputs is not None and inputs >= self._least_inputs
        if recovers:
            self._least_inputs, self._pause = None, _FIRST_PAUSE
        return recovers
