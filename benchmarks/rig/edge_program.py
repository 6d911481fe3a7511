"""The edge: builds the archives, and serves them with TorchServe until its standard input ends.

`python -m benchmarks.rig.edge_program SPEC HOST BATCH_SIZE HEAD...`; the heads have a worker each. It says
the inference URL and the token file when all are ready.
"""

import json
import signal
import sys
from pathlib import Path

from benchmarks.rig.conversation import say
from benchmarks.rig.trial_spec import open_trial
from edgent.edge.configuration import Addresses, ServedModel, config_properties
from edgent.edge.store import build_store, plan_archives
from edgent.edge.torchserve import TorchServe, free_addresses
from edgent.errors import EdgentError

_BATCH_DELAY_MS = 5


def batching(store: Path, models: list[ServedModel], addresses: Addresses, size: int) -> dict[str, str]:
    """The setting that makes TorchServe put up to so many waiting requests into one batch."""
    lines = dict(line.split("=", 1) for line in config_properties(store, models, addresses).splitlines())
    snapshot = json.loads(lines["model_snapshot"])
    for versions in snapshot["models"].values():
        for model in versions.values():
            model.update(batchSize=size, maxBatchDelay=_BATCH_DELAY_MS)
    return {"model_snapshot": json.dumps(snapshot, separators=(",", ":"))}


def main(spec: str, host: str, batch_size: str, *heads: str) -> None:
    """Serve until standard input ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    file = Path(spec)
    store = file.parent / "store"
    try:
        models = build_store(store, plan_archives([open_trial(file)], warm=set(heads)))
        addresses = free_addresses(host)
        settings = batching(store, models, addresses, int(batch_size)) if int(batch_size) > 1 else {}
        with TorchServe(store, models, addresses=addresses, settings=settings) as server:
            say(url=addresses.inference, grpc=addresses.grpc_inference, token_file=str(server.token_file))
            sys.stdin.read()
    except EdgentError as error:
        say(failed=str(error))


if __name__ == "__main__":
    main(*sys.argv[1:])
