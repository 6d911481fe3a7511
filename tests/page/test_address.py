"""Who has to bring a token to the live page."""

from __future__ import annotations

import platform

import pytest

from edgent.page.address import PageAddress


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost"])
def test_loopback_needs_no_token(host: str) -> None:
    """Only this machine's users come by."""
    assert PageAddress.of(host, 8090).token is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "::1", "192.168.1.5", "device.example"])
def test_other_addresses_have_a_new_token_each_time(host: str) -> None:
    """That nobody guesses."""
    one, other = PageAddress.of(host, 8090), PageAddress.of(host, 8090)

    assert one.token is not None
    assert len(one.token) >= 43
    assert one.token != other.token
    assert one.shown.endswith(f":8090/?token={one.token}")


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_token_of_the_user_counts_everywhere_and_is_not_shown(host: str) -> None:
    """Its user knows it."""
    address = PageAddress.of(host, 8090, "open sesame")

    assert address.token == "open sesame"
    assert "sesame" not in address.shown
    assert "EDGENT_LIVE_TOKEN" in address.shown


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "http://127.0.0.1:8090/"),
        ("::1", "http://[::1]:8090/?token=secret"),
        ("0.0.0.0", f"http://{platform.node()}:8090/?token=secret"),
        ("device.example", "http://device.example:8090/?token=secret"),
    ],
)
def test_what_a_browser_opens(host: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name where all addresses are meant."""
    monkeypatch.setattr("secrets.token_urlsafe", lambda _: "secret")

    assert PageAddress.of(host, 8090).shown == shown
