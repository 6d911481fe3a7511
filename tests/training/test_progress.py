"""The progress bar."""

import io

from rich.console import Console

from edgent.training.joint_training import Progress
from edgent.training.progress import progress_bar


def test_bar_shows_epoch_loss_and_share() -> None:
    """What was reported last is left on the terminal, and the bar is full."""
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with progress_bar(console) as report:
        report(Progress(0.25, 1, 2.5))
        report(Progress(0.5, 7, 1.25))
    shown = console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO
    for text in ("epoch 7", "100%", "loss 1.250", "left"):
        assert text in shown
