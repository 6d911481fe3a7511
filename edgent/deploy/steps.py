"""What is done with a deployment, in order: for its README and for who ran the command."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from edgent.deploy.deployed import Deployed


@dataclass(frozen=True)
class Step:
    """One of them.

    Attributes:
        what: a sentence.
        command: as a shell takes it.
        makes: pattern of the file that it leaves in the folder; empty for a step that is taken each time.
    """

    what: str
    command: str
    makes: str = ""

    def is_done(self, folder: Path) -> bool:
        """Whether the file is there that it would make."""
        return bool(self.makes) and any(folder.glob(self.makes))


def steps(deployed: Deployed, folder: Path, spec: str) -> list[Step]:
    """The steps that are taken on this machine.

    Args:
        deployed: what was written.
        folder: where it lies, as the commands are to name it.
        spec: the pipeline's, in the same way.
    """
    host = deployed.host or "NAME"
    wheel = Step(
        "edgent's own wheel, from a checkout of it; `wheels/` holds one.",
        f"pip wheel --no-deps --wheel-dir {_quoted(folder / 'wheels')} CHECKOUT",
        makes="wheels/edgent-*.whl",
    )
    certificate = Step(
        f"The certificate of {host}, by which devices reach the edge, and the authority that signs it.",
        f"edgent tls {_quoted(folder / 'secrets')} --host {shlex.quote(host)}",
        makes="secrets/server.pem",
    )
    return [wheel, certificate, *_started(deployed, folder, spec)]


def _started(deployed: Deployed, folder: Path, spec: str) -> list[Step]:
    if deployed.target == "compose":
        up = f"docker compose --project-directory {_quoted(folder)} up --build --detach"
        return [Step("Builds the image and starts proxy and edges.", up)]
    if deployed.target == "systemd":
        return []
    if deployed.awaits_wheel:
        again = f"edgent deploy {deployed.target} {shlex.quote(spec)} --out {_quoted(folder)}"
        what = "Takes the wheel into the image's tag, and then says how the image is built and applied."
        return [Step(what, again)]
    image, dockerfile = deployed.image, _quoted(folder / "Dockerfile.edge")
    assert image is not None  # of this target
    built = [
        Step("Builds the edge's image.", f"docker build --file {dockerfile} --tag {image} {_quoted(folder)}"),
        Step(f"Gives it to the cluster's nodes{_from_where(deployed)}.", f"docker push {image}"),
    ]
    applied = Step(
        "Makes Secret and ConfigMap of files, and applies all.",
        f"kubectl apply --kustomize {_quoted(folder)}",
    )
    return [*([] if image.digest else built), applied]


def _from_where(deployed: Deployed) -> str:
    named = deployed.image is not None and deployed.image.has_registry
    return (
        ""
        if named
        else "; the image names no registry: say --image REGISTRY/NAME:TAG where that is not Docker's"
    )


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
