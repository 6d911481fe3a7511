"""The README of a deployment: what is there, what has to be added, what is done with it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from edgent.deploy import systemd
from edgent.deploy.deployed import PIPELINE
from edgent.deploy.device_settings import edge_urls, names_edges
from edgent.deploy.haproxy import GRPC_PORT, PORT
from edgent.deploy.images import SECRETS, USER_ID
from edgent.deploy.kubernetes.guards import MONITORING
from edgent.deploy.kubernetes.manifests import MANIFESTS
from edgent.deploy.kubernetes.names import Names
from edgent.deploy.monitoring.scraping import METRICS_PORT
from edgent.deploy.owned_folder import OWN_CHANGES
from edgent.deploy.steps import steps

if TYPE_CHECKING:
    from edgent.deploy.deployed import Deployed

_WRITTEN = (
    "Written by `edgent deploy`. Another run for the same target and pipeline writes these files anew, but\n"
    "none that was changed meanwhile; `secrets/`, `wheels/` and whatever else you put here stay. So keep\n"
    f"changes in files of your own ({OWN_CHANGES} of edgent)."
)
_PROXY_SECRETS = """\
| in `secrets/` | is | made by |
| --- | --- | --- |
| `tokens` | what devices show, a line each, of which a device gets its own alone | `edgent deploy`: one |
| `server.pem`, `server.key` | the proxy's certificate, its key | `edgent tls`, or your authority |
| `ca.pem` | the authority, for devices | `edgent tls`, or your authority |

Nobody but its owner enters `secrets/`, git leaves it out, and images do not get it. Give a device its token
and `ca.pem` by a way that others cannot read, such as `scp`: never by plain http, by mail, or in an image."""
_OF_TORCHSERVE = """\
| in `secrets/` | is | made by |
| --- | --- | --- |
| `server.pem`, `server.key` | TorchServe's certificate, and its RSA key | `edgent tls`, or your authority |
| `ca.pem` | the authority, for devices | `edgent tls`, or your authority |

Tokens are TorchServe's own, new at every start; `edgent token` on the edge hands one out. Nobody but its
owner enters `secrets/`, and git leaves it out."""


def readme(deployed: Deployed) -> str:
    """The text, in Markdown; its commands are for a shell in the deployment's folder."""
    sections = [
        f"# {deployed.title} by {deployed.target}\n\n{_WRITTEN}",
        f"## What you add\n\n{_OF_TORCHSERVE if deployed.target == 'systemd' else _PROXY_SECRETS}",
        f"## What you do\n\nIn this folder{_of_what(deployed)}:\n\n{_in_order(deployed)}",
    ]
    if deployed.target == "systemd":
        sections += [_systemd_edge(deployed), _systemd_device(deployed)]
    else:
        sections += [_in_cluster(deployed)] if deployed.target == "kubernetes" else []
        sections += [_device_container(deployed)]
    return "\n\n".join([*sections, _looked_at(deployed)]) + "\n"


def _of_what(deployed: Deployed) -> str:
    return ", where SPEC is the spec that this was written from" if deployed.awaits_wheel else ""


def _in_order(deployed: Deployed) -> str:
    numbered = enumerate(steps(deployed, Path(), "SPEC"), 1)
    return "\n".join(
        f"{number}. {step.what}\n\n       {step.command}\n" for number, step in numbered
    ).rstrip()


def _in_cluster(deployed: Deployed) -> str:
    base = Names(deployed.served.name).base
    return f"""\
## In the cluster

It needs KEDA, Prometheus' operator in the namespace `{MONITORING}`, and a load balancer for the service
`{base}`.

No manifest holds a secret. `kubectl apply --kustomize` makes the Secret `{base}-DIGEST`
of `secrets/`: `tls.crt` is `server.pem`, `tls.key` is `server.key`, and `tokens`. Its name ends with a digest
of these, so that new ones roll the pods. What `kubectl kustomize` prints holds
them all, so keep it nowhere.

A controller that builds from a repository has no `secrets/`. It builds `{MANIFESTS}/`, whose pods wait for a
Secret `{base}` with the same three keys. {OWN_CHANGES} of edgent shows how
one gets there, and how limits, images and the like are changed without a change in these files."""


def _device_container(deployed: Deployed) -> str:
    missing = (
        ""
        if deployed.host or names_edges(deployed.spec)
        else f"--env EDGENT_INFERENCE_URL={edge_urls('NAME')[0]} "
    )
    said = "NAME is that of the edge, as this was written without `--host`.\n" if missing else ""
    return f"""\
## A device in a container

    docker build --platform linux/arm64 --file Dockerfile.device --tag device .
    docker run --rm --volume "$PWD/of-device:{SECRETS}:ro" --volume "$PWD/inputs:/inputs:ro" \\
      {missing}device --input /inputs

The folder `of-device` holds `tokens`, with the device's own line, and `ca.pem`, both readable for user
{USER_ID}. Samples and photos are not in the image.
{said}Where a public authority signs, add `--env EDGENT_CA_FILE=`. For Prometheus add
`--publish 127.0.0.1:{METRICS_PORT}:{METRICS_PORT}` before `device`, and behind it
`--metrics-port {METRICS_PORT} --metrics-host 0.0.0.0`."""


def _systemd_edge(deployed: Deployed) -> str:
    unit = systemd.EDGE_UNIT
    return f"""\
## On the edge

As root, with a copy of this folder, Java 17 or newer (`java`) and Python there; the unit's user has to be
able to read what is installed:

    umask 022
    python3 -m venv /opt/edgent && /opt/edgent/bin/pip install "$(ls wheels/edgent-*.whl)[edge]"
    install -d -m 755 /srv/edgent && cp -r archives /srv/edgent/ && chmod -R a+rX /srv/edgent
    install -d -m 700 {SECRETS} && install -m 600 secrets/server.pem secrets/server.key {SECRETS}/
    install -m 644 {unit} /etc/systemd/system/ && systemctl daemon-reload
    systemctl enable --now {unit}

Devices reach it at ports {PORT} (https) and {GRPC_PORT} (grpcs); on loopback it has {_on_loopback()}.
Its tokens last 30 days, or until it starts again. This makes one, and writes it for root alone:

    /opt/edgent/bin/edgent token {_spec(deployed)} --key-file /var/lib/edgent/key_file.json --out tokens"""


def _on_loopback() -> str:
    """The ports that another TorchServe of the machine cannot have."""
    addresses = systemd.ADDRESSES
    management, metrics = (urlsplit(url).port for url in (addresses.management, addresses.metrics))
    return f"{management}, {metrics} and {addresses.grpc_management_port}"


def _systemd_device(deployed: Deployed) -> str:
    unit = systemd.DEVICE_UNIT
    return f"""\
## On a device

The device's unit asks {_asked(deployed)}. As root, with `pipeline/`, `wheels/`, `{unit}`,
`ca.pem` and `tokens` copied there; the unit's user has to be able to read what is installed:

    umask 022
    python3 -m venv /opt/edgent && /opt/edgent/bin/pip install "$(ls wheels/edgent-*.whl)[metrics]"
    install -d -m 755 /srv/edgent {systemd.INPUTS} && cp -r pipeline /srv/edgent/ && chmod -R a+rX /srv/edgent
    install -d -m 700 {SECRETS} && install -m 600 ca.pem tokens {SECRETS}/
    install -m 644 {unit} /etc/systemd/system/ && systemctl daemon-reload
    systemctl start {unit} && journalctl --unit {unit}

It answers what lies in `{systemd.INPUTS}` and ends. Start it again for more, and after the token changed.
It answers Prometheus meanwhile where a drop-in (`systemctl edit {unit}`) gives its
command `--metrics-port {METRICS_PORT}`. Where a public authority signs, its file is the `ca.pem`:
Debian's is `/etc/ssl/certs/ca-certificates.crt`."""


def _asked(deployed: Deployed) -> str:
    if deployed.host == "localhost":
        return "`localhost`, as it does on the edge itself; for another machine, deploy with `--host NAME`"
    return f"`{deployed.host}`" if deployed.host else "the edges that the spec names"


def _looked_at(deployed: Deployed) -> str:
    spec, (url, _) = _spec(deployed), edge_urls(deployed.host or "NAME")
    behind = "" if deployed.target == "systemd" else " --behind proxy"
    tokens = "tokens" if deployed.target == "systemd" else "secrets/tokens"
    return f"""\
## Is it well?

    edgent doctor {spec} --url {shlex.quote(url)} --token-file {tokens} --ca-file secrets/ca.pem{behind}"""


def _spec(deployed: Deployed) -> str:
    return shlex.quote(f"{PIPELINE}/{deployed.spec.file.name}")
