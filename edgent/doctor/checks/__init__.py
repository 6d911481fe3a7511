"""The checks, which tell what the observations mean; a check without observations has no finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.doctor.checks.connection import check_grpc, check_reachable, check_tls
from edgent.doctor.checks.exposure import check_bound
from edgent.doctor.checks.features import check_features
from edgent.doctor.checks.heads import check_digest, check_heads_known, check_heads_ready, check_wire_version
from edgent.doctor.checks.management import check_management, check_registration
from edgent.doctor.checks.names import check_names
from edgent.doctor.checks.pictures import check_avif, check_photo_files
from edgent.doctor.checks.pipeline import check_pipeline
from edgent.doctor.checks.runtimes import check_runtime
from edgent.doctor.checks.service import check_round_trip, check_version
from edgent.doctor.checks.tokens import check_our_token, check_tokens_wanted
from edgent.doctor.checks.versions import check_model_version
from edgent.doctor.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from edgent.doctor.observations import Observations

CHECKS: dict[str, Callable[[Observations], list[Finding]]] = {
    "reachable": check_reachable,
    "TLS": check_tls,
    "gRPC": check_grpc,
    "tokens on": check_tokens_wanted,
    "our token": check_our_token,
    "TorchServe": check_version,
    "round trip": check_round_trip,
    "wire version": check_wire_version,
    "model version": check_model_version,
    "model digest": check_digest,
    "heads known": check_heads_known,
    "heads ready": check_heads_ready,
    "pipeline": check_pipeline,
    "feature codecs": check_features,
    "avif pictures": check_avif,
    "photos' files": check_photo_files,
    "management": check_management,
    "names": check_names,
    "who may register": check_registration,
    "bound to": check_bound,
    "onnxruntime": check_runtime,
}


def diagnose(seen: Observations) -> list[Finding]:
    """All findings, and last the checks that had no observations."""
    by_check = {name: check(seen) for name, check in CHECKS.items()}
    findings = [finding for found in by_check.values() for finding in found]
    silent = [name for name, found in by_check.items() if not found]
    if silent:
        remedy = (
            "run the doctor on the edge's own machine for management and sockets, and with "
            "`pip install 'edgent[edge]'` there"
        )
        if any(finding.state == "wrong" for finding in findings):
            remedy = f"mend what is wrong above; {remedy}"
        findings.append(Finding("not checked", "warning", ", ".join(silent), remedy))
    return findings
