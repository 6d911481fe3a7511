"""TorchServe handler that measures the link; see ``edgent.core.probe``, which the archive carries."""

import logging
from functools import partial
from typing import Any

from edgent.core.presence import has_worker, models_folder
from edgent.core.probe import answer_probe
from edgent.core.refusal import OK
from edgent.core.worker_time import WorkerTime


class ProbeHandler:
    """Answers through the same queues and sockets as a head, and says what time it is on the edge."""

    def initialize(self, context: Any) -> None:
        """Nothing to load; as quiet as a head, so that the round trip is a head's."""
        logging.getLogger().setLevel(logging.WARNING)
        self._time = WorkerTime()
        self._has_worker = partial(has_worker, models_folder(context))

    def handle(self, data: list[dict[str, Any]], context: Any) -> list[bytes]:
        """As many bytes as each request asks for."""
        taken = self._time.take()
        answers = [answer_probe(request.get("body"), taken, self._has_worker) for request in data]
        for index, (status, _) in enumerate(answers):
            if status is not OK:
                context.set_response_status(status.value, status.phrase, index)
        self._time.give()
        return [body for _, body in answers]
