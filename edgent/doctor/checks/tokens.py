"""Does the server want a token, and does it take ours?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edgent.doctor.finding import Finding

if TYPE_CHECKING:
    import datetime as dt

    from edgent.doctor.observations import Keys, Observations

_SOON_MINUTES = 60
_RENEW = (
    "renew it on the edge: edgent token SPEC --key-file key_file.json --out token; token_expiration_min sets "
    "how long a token lasts"
)


def check_tokens_wanted(seen: Observations) -> list[Finding]:
    """A request without a token is refused."""
    name = "tokens on"
    if seen.anonymous is None or seen.wants_tokens is None:
        return []
    if seen.wants_tokens:
        return [Finding(name, "ok", "a request without a token is refused")]
    if seen.behind == "proxy" and not seen.url.startswith("https:"):
        return [Finding(name, "ok", "not here: the proxy before it has to ask for them; look at that, too")]
    return [
        Finding(
            name,
            "wrong",
            f"a request without a token is answered ({seen.anonymous.status})",
            "start without --disable-token-auth, and with disable_token_authorization=false",
        )
    ]


def check_our_token(seen: Observations) -> list[Finding]:
    """Our token is accepted, and for how long."""
    name = "our token"
    if not seen.probes or not seen.wants_tokens:
        return []
    if seen.probes[0].refuses_the_token:
        return [Finding(name, "wrong", *_rejected(seen.keys, seen.now))]
    finding = f"accepted, from {seen.keys.source}"
    if seen.keys.expires is None:
        return [Finding(name, "ok", finding)]
    left_minutes = (seen.keys.expires - seen.now).total_seconds() / 60
    finding += f", until {seen.keys.expires:%Y-%m-%d %H:%M} UTC"
    if left_minutes < _SOON_MINUTES:
        return [Finding(name, "warning", f"{finding}: {left_minutes:.0f} minutes more", _RENEW)]
    return [Finding(name, "ok", finding)]


def _rejected(keys: Keys, now: dt.datetime) -> tuple[str, str]:
    """Why, and what to do."""
    if keys.inference is None:
        remedy = "name TorchServe's key_file.json in edge.token_file, or set EDGENT_TOKEN"
        return f"the server wants a token: {keys.problem}", remedy
    if keys.expires is not None and keys.expires <= now:
        return f"expired at {keys.expires:%Y-%m-%d %H:%M} UTC", _RENEW
    remedy = "use TorchServe's present key_file.json: every start and renewal makes new tokens"
    return f"the token from {keys.source} is rejected: old, or of another server", remedy
