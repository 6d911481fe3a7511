"""TorchServe handler that answers with what it was sent."""

from typing import Any


class EchoHandler:
    """Nothing but TorchServe's own cost."""

    def initialize(self, context: Any) -> None:
        """Nothing to load."""

    def handle(self, data: list[dict[str, Any]], context: Any) -> list[bytes]:
        """Each request's body."""
        return [bytes(request.get("body") or request.get("data") or b"") for request in data]
