"""Two edges, one of which goes away: ``python examples/several_edges.py [FOLDER]``.

Two TorchServes serve LeNet. A device asks one of them for the first layers of each digit, until that one is
stopped. From then on the other one answers, and no answer is lost or changed on the way.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import edgent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from device_runtime import Answer

PLAN = "exit2:p6"
NAMES = ("hall", "cellar")
TELL = "import json, os, sys; print(json.dumps(dict(os.environ)), flush=True); sys.stdin.read()"
"""What runs beside a server: it says where the server is, and ends when nobody listens any more."""


@contextmanager
def serving(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A TorchServe with the archives of a folder, which stops with this context."""
    command = ["edgent", "serve", "--store", "archives", sys.executable, "-c", TELL]
    with subprocess.Popen(
        command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        yield server


def list_edges(spec: Path, servers: dict[str, subprocess.Popen[str]]) -> None:
    """Write where the edges are in place of the spec's own edge."""
    entries = []
    for name, server in servers.items():
        assert server.stdout is not None
        told = json.loads(server.stdout.readline())
        where = {"inference_url": told["EDGENT_INFERENCE_URL"], "token_file": told["EDGENT_TOKEN_FILE"]}
        entries.append(json.dumps({"name": name, **where}))  # JSON is YAML, too
    text, _, _ = spec.read_text(encoding="utf-8").partition("edge:\n")
    spec.write_text(text + "edges:\n" + "".join(f"  - {entry}\n" for entry in entries), encoding="utf-8")


def ask(spec: Path, servers: dict[str, subprocess.Popen[str]]) -> list[tuple[str | None, Answer]]:
    """Answer digits, and stop an edge in the middle; each answer stands behind that of the device alone."""
    photos = sorted((spec.parent / "lenet" / "samples").glob("*/*.png"))
    answers: list[tuple[str | None, Answer]] = []
    with edgent.open(spec, plan=PLAN) as device:
        alone = {photo: device.infer(photo, plan="exit2:p0").label for photo in photos}

        def answer_digits(times: int) -> None:
            answers.extend((alone[photo], device.infer(photo)) for photo in times * photos)

        answer_digits(5)
        stopped = answers[-1][1].edge or NAMES[0]
        print(f"{stopped} is stopped after {len(answers)} answers")
        servers[stopped].terminate()
        while servers[stopped].poll() is None:
            answer_digits(1)
        answer_digits(5)
    return answers


def main(folder: Path) -> None:
    """Serve LeNet twice, and say who answered what."""
    folder.mkdir(parents=True, exist_ok=True)
    spec = folder / "lenet.yaml"
    subprocess.run(["edgent", "new", "--example", "lenet", "--out", "."], cwd=folder, check=True)
    subprocess.run(["edgent", "archive", "lenet.yaml", "--warm", PLAN], cwd=folder, check=True)
    with ExitStack() as stack:
        servers = {name: stack.enter_context(serving(folder)) for name in NAMES}
        list_edges(spec, servers)
        answers = ask(spec, servers)
    counts = Counter(answer.edge or "the device alone" for _, answer in answers)
    for who, count in counts.items():
        print(f"{who} answered {count}")
    same = sum(answer.label == alone for alone, answer in answers)
    print(f"{same} of {len(answers)} answers are what the device alone would answer")
    print(f"the last one came from {answers[-1][1].edge}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="several-edges-")))
