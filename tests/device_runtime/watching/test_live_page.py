"""The live page's process: what it serves to whom, and what becomes of it."""

from __future__ import annotations

import http.cookiejar
import json
import socket
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from device_runtime.watching.live_page import LivePage
from edgent.errors import InputError
from edgent.page.address import LOOPBACK, PageAddress
from tests.recorded import ANSWER, DESCRIPTION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser_fixtures import Browser

pytest.importorskip("bokeh")
pytestmark = pytest.mark.slow
TOKEN = "öffne dich; Sesam & Co"


def free_port() -> int:
    """One that nobody listened to a moment ago."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def address(request: pytest.FixtureRequest) -> PageAddress:
    """Where pages are served; with a token where the test has one as its parameter."""
    return PageAddress.of(LOOPBACK, free_port(), getattr(request, "param", None))


@contextmanager
def serving(address: PageAddress) -> Iterator[LivePage]:
    """A page of a recording that has begun."""
    page = LivePage(address)
    page.write(json.dumps(asdict(DESCRIPTION)))
    yield page
    page.close()


@pytest.fixture
def page(address: PageAddress) -> Iterator[LivePage]:
    """A page of the test's own."""
    with serving(address) as page:
        yield page


@pytest.fixture(scope="module")
def guarded() -> Iterator[PageAddress]:
    """The address of a page that wants a token, and that no test changes."""
    address = PageAddress.of(LOOPBACK, free_port(), TOKEN)
    with serving(address):
        yield address


def status(url: str | urllib.request.Request, opener: urllib.request.OpenerDirector | None = None) -> int:
    """Of the answer behind all redirections."""
    try:
        with (opener or urllib.request.build_opener()).open(url, timeout=60) as answer:
            code: int = answer.status
            return code
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_it_updates_while_lines_come(browser: Browser, page: LivePage, address: PageAddress) -> None:
    """Without being loaded again; what came last is shown before the process ends."""
    browser.open(address.shown)
    assert "Nothing was answered yet." in browser.text
    for number in range(3):
        page.write(json.dumps(asdict(ANSWER) | {"latency_ms": 20.0 + number}))
    length = 'return Bokeh.documents[0].get_model_by_name("answers").get_length()'
    browser.wait_for(f"{length} === 3")

    assert browser.column("answers", "latency_ms") == [20.0, 21.0, 22.0]
    assert "Answers 3 100.0 % in time" in browser.text
    page.write(json.dumps(asdict(ANSWER) | {"latency_ms": 99.0}))
    page.close()
    browser.wait_for(f"{length} === 4")
    assert "Last latency 99 ms of 100 ms" in browser.text


def test_who_comes_later_sees_what_was(browser: Browser, page: LivePage, address: PageAddress) -> None:
    """As far as it is kept."""
    page.write(json.dumps(asdict(ANSWER)))
    browser.open(address.shown)
    browser.wait_for('return Bokeh.documents[0].get_model_by_name("answers").get_length() === 1')

    assert browser.column("link hall", "upload_mean_kbps") == [640.0]


@pytest.mark.parametrize("address", [TOKEN], indirect=True)
def test_the_page_opens_with_its_token(browser: Browser, page: LivePage, address: PageAddress) -> None:
    """Which then leaves the browser's address; the page goes on by its cookie."""
    base = f"http://{LOOPBACK}:{address.port}/"
    browser.open(f"{base}?token={quote(TOKEN)}")
    page.write(json.dumps(asdict(ANSWER)))
    browser.wait_for('return Bokeh.documents[0].get_model_by_name("answers").get_length() === 1')

    assert browser.run("return location.href") == base


@pytest.mark.parametrize("path", ["", "?token=", "?token=Sesam", "autoload.js?token=wrong", "metadata"])
def test_nobody_gets_in_without_the_token(guarded: PageAddress, path: str) -> None:
    """By none of the server's addresses."""
    assert status(f"http://{LOOPBACK}:{guarded.port}/{path}") == 403


def test_a_cookie_stands_for_the_token(guarded: PageAddress) -> None:
    """No script reads it, and no other site sends it."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    base = f"http://{LOOPBACK}:{guarded.port}/"
    assert status(f"{base}?token={quote(TOKEN)}", opener) == 200
    assert status(base, opener) == 200

    (cookie,) = jar
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "Strict"


@pytest.mark.usefixtures("page")
@pytest.mark.parametrize(
    ("host", "origin"),
    [(LOOPBACK, "http://evil.example"), ("evil.example", "http://evil.example:{port}")],
    ids=["another site", "another site whose name points here"],
)
def test_another_site_gets_no_connection(address: PageAddress, host: str, origin: str) -> None:
    """A page from elsewhere may not listen in on loopback."""
    asking = (
        f"GET /ws HTTP/1.1\r\nHost: {host}:{address.port}\r\nOrigin: {origin.format(port=address.port)}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: bokeh, x\r\n\r\n"
    )
    with socket.create_connection((LOOPBACK, address.port), timeout=60) as connection:
        connection.sendall(asking.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 403 ")


@pytest.mark.usefixtures("page")
@pytest.mark.parametrize(
    ("host", "code"), [("evil.example:{port}", 403), ("localhost:9999", 200), ("127.0.0.1", 200)]
)
def test_loopback_is_opened_by_its_own_names(address: PageAddress, host: str, code: int) -> None:
    """At any port, as a tunnel may have another one."""
    asked = urllib.request.Request(
        f"http://{LOOPBACK}:{address.port}/", headers={"Host": host.format(port=address.port)}
    )
    assert status(asked) == code


def test_a_port_in_use_is_told() -> None:
    """With what to do; before anything is answered."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(InputError, match=f"--live {port}: .* Address already in use; name another port"):
            LivePage(PageAddress.of(LOOPBACK, port))


def test_a_process_that_is_gone_ends_no_answers(page: LivePage, caplog: pytest.LogCaptureFixture) -> None:
    """It is said once."""
    page._process.kill()
    page._process.wait()
    for _ in range(3):
        page.write("{}")
    page.close()

    assert [record.getMessage() for record in caplog.records] == [
        "what serves the live page ended; answers go on without it"
    ]
