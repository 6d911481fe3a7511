"""TorchServe handler that measures the link; see ``edgent.core.probe``, which the archive carries."""

import logging
from typing import Any

from edgent.core.probe import answer_probe
from edgent.core.refusal import OK


class ProbeHandler:
    """Answers through the same queues and sockets as a head."""

    def initialize(self, context: Any) -> None:
        """Nothing to load; as quiet as a head, so that the round trip is a head's."""
        logging.getLogger().setLevel(logging.WARNING)

    def handle(self, data: list[dict[str, Any]], context: Any) -> list[bytes]:
        """As many zero bytes as each request asks for."""
        answers = [answer_probe(request.get("body")) for request in data]
        for index, (status, _) in enumerate(answers):
            if status is not OK:
                context.set_response_status(status.value, status.phrase, index)
        return [body for _, body in answers]
