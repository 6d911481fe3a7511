"""What is wrong where TLS cannot be set up with a server, and what to do: in words, not OpenSSL's codes."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass

_CODES = re.compile(r"\[[A-Z0-9_: ]+\] ?| ?\(_ssl\.c:\d+\)")
_OTHER_HOST, _OTHER_ADDRESS, _EXPIRED, _NOT_YET_VALID = 62, 64, 10, 9
"""OpenSSL's numbers of what is wrong with a certificate."""
_NO_TLS = frozenset(
    {
        "WRONG_VERSION_NUMBER",
        "HTTP_REQUEST",
        "UNKNOWN_PROTOCOL",
        "PACKET_LENGTH_TOO_LONG",
        "RECORD_LAYER_FAILURE",
    }
)
_ALERT = b"\x15\x03"
"""What a TLS server's first bytes are for somebody who does not speak TLS."""


@dataclass(frozen=True)
class TlsFailure:
    """Why TLS was not set up.

    Attributes:
        what: a clause.
        remedy: what to do, as the clause that follows.
    """

    what: str
    remedy: str

    @classmethod
    def of(cls, error: ssl.SSLError, host: str) -> TlsFailure:
        """What an error means.

        Args:
            error: of the handshake.
            host: by which the server was to be reached.
        """
        if isinstance(error, ssl.SSLCertVerificationError):
            what = f"its certificate is not accepted: {error.verify_message}"
            return cls(what, _certificate_remedy(error.verify_code, host))
        if error.reason in _NO_TLS:
            return cls(
                f"no TLS at this port: {in_words(error)}",
                "write http:// (or grpc://) for a server without TLS, or have it serve https",
            )
        return cls(
            f"TLS failed: {in_words(error)}",
            "see whether the server offers TLS 1.2 or newer, and look into its log",
        )

    def __str__(self) -> str:
        return f"{self.what}; {self.remedy}"


def in_words(error: BaseException) -> str:
    """What an error says, without the codes and the place in OpenSSL's source."""
    return _CODES.sub("", str(error)).strip() or type(error).__name__


def is_tls_alert(received: bytes) -> bool:
    """Whether a server's first bytes are TLS where plain HTTP was expected."""
    return received.startswith(_ALERT)


def _certificate_remedy(code: int, host: str) -> str:
    if code in (_OTHER_HOST, _OTHER_ADDRESS):
        return (
            "it is for another host: reach the edge by a name of its certificate, or make one for this host "
            f"with `edgent tls FOLDER --host {host}`"
        )
    if code in (_EXPIRED, _NOT_YET_VALID):
        return "make new certificates with `edgent tls`, and see whether this machine's clock is right"
    return (
        "no authority that is trusted here signed it: name the ca.pem that was made with it by --ca-file or "
        "in edge.ca_file"
    )
