"""Progress of `edgent compress`: phases, the training with its loss, and what the codec is worth so far."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

from edgent.cli.phase_progress import phase_columns
from edgent.compression.making import Told
from edgent.counted import counted
from edgent.progress_bars import progress_bars

if TYPE_CHECKING:
    from rich.progress import TaskID

    from edgent.compression.codec_training import Step
    from edgent.compression.making import Request
    from edgent.compression.measuring import Measured


@contextmanager
def compress_progress(console: Console, request: "Request") -> Iterator[Told]:
    """Show bars; yields what a training tells: its sentences go to ``console``."""
    tasks: dict[str, TaskID] = {}
    with progress_bars(*phase_columns()) as bars:

        def progress(phase: str, done: float, total: float) -> None:
            if phase not in tasks:
                tasks[phase] = bars.add_task(phase, total=total)
            bars.update(tasks[phase], completed=done, total=total, visible=done < total)

        def says(sentence: str) -> None:
            console.print(f"{request.name}: {sentence}", highlight=False, soft_wrap=True)

        def step(of: "Step") -> None:
            way = "through the layers behind it" if of.is_through_tail else "on activations"
            progress("training", of.share, 1.0)
            description = f"{request.name}, {way}, epoch {of.epochs:.1f}, loss {of.loss:.3f}"
            bars.update(tasks["training"], description=description)

        def measured(of: "Measured") -> None:
            scores = ", ".join(f"{exit_.exit} {exit_.with_codec:.4f}" for exit_ in of.exits)
            says(f"on {counted(of.samples, 'held-out input')} {of.bytes_mean:,.0f} bytes, {scores}")

        yield Told(progress, says, step, measured)
