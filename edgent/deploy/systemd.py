"""Units for machines that run one edge, or one device, without containers.

TorchServe serves TLS and its own tokens there, as docs/security.md has it. The units expect a virtual
environment with edgent in /opt/edgent.
"""

from __future__ import annotations

from pathlib import Path

from edgent.deploy.images import PIPELINE, SECRETS, TORCHSERVE
from edgent.edge.configuration import Addresses, TlsFiles

EDGE_UNIT, DEVICE_UNIT = "edgent-edge.service", "edgent-device.service"
ADDRESSES = Addresses(inference="https://0.0.0.0:8443", grpc_inference="grpcs://0.0.0.0:8470")
TLS = TlsFiles(Path(SECRETS, "server.pem"), Path(f"/run/credentials/{EDGE_UNIT}/server.key"))
TOKEN_LIFETIME_MIN = 43_200
"""30 days: every start makes new tokens anyway, and a device cannot be told one each day."""
_PROGRAMS = "/opt/edgent/bin"

_CONFINED = """\
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
RestrictNamespaces=yes
LockPersonality=yes
CapabilityBoundingSet=
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
SystemCallArchitectures=native
SystemCallFilter=@system-service
UMask=0077
"""

_EDGE = """\
# Written by `edgent deploy`: TorchServe with the archives of {name}.
[Unit]
Description=edgent's edge: TorchServe with {name}
Documentation=https://github.com/pytorch/serve
Wants=network-online.target
After=network-online.target

[Service]
ExecStart={command}
DynamicUser=yes
# TorchServe writes its tokens, key_file.json, where it is started.
StateDirectory=edgent
StateDirectoryMode=0700
WorkingDirectory=%S/edgent
# Short, because TorchServe puts sockets there.
RuntimeDirectory=edgent
LogsDirectory=edgent
Environment=TEMP=%t/edgent TMPDIR=%t/edgent HOME=%t/edgent
Environment=LOG_LOCATION=%L/edgent METRICS_LOCATION=%L/edgent
LoadCredential=server.key:{secrets}/server.key
# Java ends with its workers; what answers meanwhile has ten seconds.
KillMode=control-group
TimeoutStopSec=10
SuccessExitStatus=143
Restart=on-failure
RestartSec=2
{confined}
[Install]
WantedBy=multi-user.target
"""

_DEVICE = """\
# Written by `edgent deploy`: a device of {name} that answers the inputs in /var/lib/edgent/inputs.
[Unit]
Description=edgent's device: {name}
Wants=network-online.target
After=network-online.target

[Service]
ExecStart={programs}/edgent-device --pipeline {pipeline}/{spec} --input %S/edgent/inputs --json
DynamicUser=yes
StateDirectory=edgent edgent/inputs
CacheDirectory=edgent
Environment=XDG_CACHE_HOME=%C
Environment=SSL_CERT_FILE={secrets}/ca.pem EDGENT_TOKEN_FILE=%d/tokens
LoadCredential=tokens:{secrets}/tokens
Restart=on-failure
RestartSec=2
{confined}
[Install]
WantedBy=multi-user.target
"""


def edge_unit(name: str) -> str:
    """The unit of an edge.

    Args:
        name: the pipeline's.
    """
    command = " ".join([f"{_PROGRAMS}/{TORCHSERVE[0]}", *TORCHSERVE[1:]])
    return _EDGE.format(name=name, command=command, secrets=SECRETS, confined=_CONFINED)


def device_unit(name: str, spec: str) -> str:
    """The unit of a device.

    Args:
        name: the pipeline's.
        spec: the file name of its spec.
    """
    return _DEVICE.format(
        name=name, programs=_PROGRAMS, pipeline=PIPELINE, spec=spec, secrets=SECRETS, confined=_CONFINED
    )
