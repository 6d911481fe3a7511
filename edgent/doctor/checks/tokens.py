"""Does the server want a token, and does it take ours?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.doctor.finding import Finding
from edgent.doctor.keys import NOWHERE

if TYPE_CHECKING:
    from edgent.doctor.observations import Observations

_SOON_MINUTES = 60


def check_tokens_wanted(seen: Observations) -> list[Finding]:
    """A request without a token is refused."""
    name = "tokens on"
    if seen.anonymous is None or seen.wants_tokens is None:
        return []
    if seen.wants_tokens:
        return [Finding(name, "ok", "a request without a token is refused")]
    if seen.behind == "proxy" and not seen.through_a_proxy:
        return [Finding(name, "ok", "not here: the proxy before it has to ask for them; look at that, too")]
    remedy = "start without --disable-token-auth, and with disable_token_authorization=false"
    if seen.through_a_proxy:
        remedy = (
            f"have the proxy ask for tokens, as that of edgent deploy does, or TorchServe behind it: {remedy}"
        )
    answered = f"a request without a token is answered ({seen.anonymous.status})"
    return [Finding(name, "wrong", answered, remedy)]


def check_our_token(seen: Observations) -> list[Finding]:
    """Our token is accepted, and for how long."""
    name = "our token"
    if not seen.probes or not seen.wants_tokens or seen.proxys_answer:
        return _not_wanted(name, seen)
    if seen.withholds_tokens and seen.keys.inference is not None:
        kept = f"not sent: others could read it on the way to {seen.url}"
        return [
            Finding(name, "wrong", kept, "ask over https, or say with --behind what stands before the server")
        ]
    if seen.probes[0].refuses_the_token:
        return [Finding(name, "wrong", *_rejected(seen))]
    finding = f"accepted, from {seen.keys.source}"
    if seen.keys.expires is None:
        return [Finding(name, "ok", finding)]
    left_minutes = (seen.keys.expires - seen.now).total_seconds() / 60
    finding += f", until {seen.keys.expires:%Y-%m-%d %H:%M} UTC"
    if left_minutes < _SOON_MINUTES:
        return [Finding(name, "warning", f"{finding}: {left_minutes:.0f} minutes more", _renew(seen))]
    return [Finding(name, "ok", finding)]


def _not_wanted(name: str, seen: Observations) -> list[Finding]:
    """A token that cannot be read keeps a device from asking, though the server would answer without one."""
    is_named = seen.keys.problem is not None and seen.keys.source != NOWHERE
    if seen.wants_tokens is not False or seen.behind == "proxy" or not is_named:
        return []
    found = f"the server wants none, and devices that are to send it do not ask: {seen.keys.problem}"
    remedy = "take edge.token_file out of the spec, or name a file that holds a token"
    return [Finding(name, "wrong", found, remedy)]


def _renew(seen: Observations) -> str:
    """How, and what it costs other clients of a shared server."""
    others = "; every other client of the server needs the new one, too" if seen.shared else ""
    return (
        f"renew it on the edge: {seen.to_renew('inference')}{others}; token_expiration_min sets how long a "
        "token lasts"
    )


def _rejected(seen: Observations) -> tuple[str, str]:
    """Why, and what to do."""
    keys, now = seen.keys, seen.now
    if keys.inference is None:
        file = (
            "a file with a token that the proxy knows"
            if seen.through_a_proxy
            else "TorchServe's key_file.json"
        )
        remedy = f"name {file} in edge.token_file, or set EDGENT_TOKEN"
        return f"the server wants a token: {keys.problem}", remedy
    if keys.expires is not None and keys.expires <= now:
        return f"expired at {keys.expires:%Y-%m-%d %H:%M} UTC", _renew(seen)
    if seen.through_a_proxy:
        remedy = (
            "write it into the proxy's file of tokens (edgent deploy: secrets/tokens), and restart the proxy"
        )
        return f"the token from {keys.source} is rejected", remedy
    remedy = "use TorchServe's present key_file.json: every start and renewal makes new tokens"
    return f"the token from {keys.source} is rejected: old, or of another server", remedy
