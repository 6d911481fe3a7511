"""Who records while `edgent-device` answers: into a file, to a live page, or both."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rich.console import Console

from device_runtime.watching.live_page import LivePage
from device_runtime.watching.recorder import Recorder
from device_runtime.watching.recording_file import RecordingFile
from edgent.page.address import TOKEN_VARIABLE, PageAddress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from device_runtime.runtime import DeviceRuntime


def open_recorders(
    runtime: DeviceRuntime,
    latency_requirement_s: float | None,
    file: Path | None,
    live_port: int | None,
    live_host: str,
) -> Iterator[Recorder]:
    """Begin to record, and print where the live page is; each recorder is given before the next one begins.

    Args:
        runtime: that will answer.
        latency_requirement_s: of its requests; the spec's when None.
        file: takes the recording; None: none is written.
        live_port: where the live page is served; None: it is not.
        live_host: a name or an address of this machine, for the page.

    Raises:
        InputError: the file cannot be made, or nothing can be served there.
        MissingExtraError: what serves the page is not installed.
    """
    if live_port is not None:
        address = PageAddress.of(live_host, live_port, os.environ.get(TOKEN_VARIABLE) or None)
        recorder = Recorder(runtime, LivePage(address), latency_requirement_s)
        said = f"live page: {address.shown}"
        Console(stderr=True).print(said, highlight=False, soft_wrap=True, markup=False)
        yield recorder
    if file is not None:
        yield Recorder(runtime, RecordingFile(file), latency_requirement_s)
