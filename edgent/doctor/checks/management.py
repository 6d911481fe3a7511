"""Can the server be managed from here, and who may register models?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.doctor.finding import Finding
from edgent.server_url import ServerUrl

if TYPE_CHECKING:
    from edgent.doctor.observations import Observations


def check_management(seen: Observations) -> list[Finding]:
    """The management API answers on loopback: without it no head gets a worker while devices run."""
    name = "management"
    if seen.management is None:
        return []
    models, url = seen.management.models, seen.management.url
    if models.status == 0:
        remedy = (
            "name it with --management-url, or as edge.management_url in the spec; it is "
            "management_address in config.properties"
        )
        return [Finding(name, "wrong", f"no answer at {url}: {models.message}", remedy)]
    if ServerUrl.parse(url, "http").in_the_clear:
        address = ServerUrl.parse(url, "http")
        tunnel = f"ssh -L {address.port}:127.0.0.1:{address.port} {address.host}"
        remedy = f"bind it to 127.0.0.1; ask on that machine, or through {tunnel}"
        found = f"{url} answers from another machine over plain http; our management key was not sent"
        return [Finding(name, "wrong", found, remedy)]
    if models.refuses_the_token:
        remedy = (
            "name TorchServe's present key_file.json with --token-file: it holds the management key, too; "
            f"where that has expired, renew it: {seen.to_renew('management')}; where this address is another "
            "server's, name ours with --management-url"
        )
        has_one = seen.keys.management is not None
        found = "our management key is rejected" if has_one else "we have no management key to show"
        return [Finding(name, "warning", f"{url} answers, but {found}", remedy)]
    if models.status != 200:
        remedy = "see whether this is TorchServe's management address"
        return [Finding(name, "wrong", f"{url} answers {models.status}: {models.message}", remedy)]
    return [Finding(name, "ok", f"{url} answers")]


def check_registration(seen: Observations) -> list[Finding]:
    """Nobody can register a model, which would be code that the server runs; on a shared server some must."""
    name = "who may register"
    if seen.management is None or seen.management.registration is None:
        return []
    anonymous, ours = seen.management.anonymous_registration, seen.management.registration
    remedy = "set enable_model_api=false, start without --enable-model-api"
    if anonymous is not None and not anonymous.refuses_the_token and anonymous.status != 405:
        finding = "the model API is open, and without a token: who reaches it runs code on the server"
        return [Finding(name, "wrong", finding, f"{remedy}, and with tokens on")]
    if ours.refuses_the_token:
        return []  # our key is rejected: nothing is known
    if ours.status != 405:
        finding = (
            f"the model API is open: who has the management key runs code on the server ({ours.message})"
        )
        if seen.shared:
            close = (
                "open it only while models are registered; then name them in load_models, as a restart "
                "forgets them otherwise, set enable_model_api=false, and restart"
            )
            return [Finding(name, "warning", finding, close)]
        return [Finding(name, "wrong", finding, remedy)]
    return [Finding(name, "ok", "nobody: the model API is closed")]
