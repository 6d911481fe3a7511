"""Units for machines that run one edge, or one device, without containers.

TorchServe serves TLS and its own tokens there, as docs/how-to/tls-and-tokens.md has it. The units expect a
virtual environment with edgent in /opt/edgent.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from edgent.deploy.images import PIPELINE, SECRETS, TORCHSERVE
from edgent.edge.configuration import Addresses, TlsFiles

if TYPE_CHECKING:
    from collections.abc import Mapping

INPUTS = "/srv/edgent/inputs"
CREDENTIALS = "%d"
"""Where systemd hands a unit its secrets."""
EDGE_UNIT, DEVICE_UNIT = "edgent-edge.service", "edgent-device.service"
ADDRESSES = Addresses(inference="https://0.0.0.0:8443", grpc_inference="grpcs://0.0.0.0:8470")
_CREDENTIALS = Path(f"/run/credentials/{EDGE_UNIT}")
TLS = TlsFiles(_CREDENTIALS / "server.pem", _CREDENTIALS / "server.key")
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
LoadCredential=server.pem:{secrets}/server.pem
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
# Written by `edgent deploy`: a device of {name} that answers the inputs in {inputs} and ends.
[Unit]
Description=edgent's device: {name}
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
ExecStart={programs}/edgent-device --pipeline {spec} --input {inputs} --json
SuccessExitStatus=143
DynamicUser=yes
CacheDirectory=edgent-device
Environment=XDG_CACHE_HOME=%C/edgent-device
{settings}
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


def device_unit(name: str, spec: str, settings: Mapping[str, str]) -> str:
    """The unit of a device.

    Args:
        name: the pipeline's.
        spec: the file name of its spec.
        settings: variables of its environment, in which files of :data:`CREDENTIALS` are handed over.
    """
    lines = [f"Environment={variable}={_setting(value)}" for variable, value in settings.items()]
    handed_over = [Path(value).name for value in settings.values() if value.startswith(CREDENTIALS)]
    lines += [f"LoadCredential={file}:{SECRETS}/{file}" for file in handed_over]
    return _DEVICE.format(
        name=name,
        programs=_PROGRAMS,
        spec=_quoted(str(PIPELINE / spec)),
        inputs=INPUTS,
        settings="\n".join(lines),
        confined=_CONFINED,
    )


def _setting(value: str) -> str:
    """A variable's value: systemd fills in where secrets are, and reads any other ``%`` as that."""
    return value if value.startswith(CREDENTIALS) else value.replace("%", "%%")


def _quoted(word: str) -> str:
    """A word of a command as systemd reads it back."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return escaped if escaped == word and " " not in word and "'" not in word else f'"{escaped}"'
