"""The event loop of the programs that stand for a link."""

import asyncio
import selectors


def precise_event_loop() -> asyncio.AbstractEventLoop:
    """A loop with precise timers: asyncio's usual selector rounds them up to a millisecond."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())
