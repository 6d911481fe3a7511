"""A real browser without a window, which reaches nothing but this machine."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selenium.webdriver import Chrome

_PROGRAMS = ("chromium", "chromedriver")
_OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # root may not have one
    "--disable-dev-shm-usage",
    "--window-size=1280,1600",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
_TEXT = """
function text(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data
  if (["STYLE", "SCRIPT"].includes(node.nodeName)) return ""
  const below = node.shadowRoot ? [node.shadowRoot, ...node.childNodes] : [...node.childNodes]
  return below.map(text).join(" ")
}
return text(document.body).replace(/\\s+/g, " ")
"""
_READY = "return window.Bokeh !== undefined && Bokeh.documents.length > 0 && Bokeh.documents[0].is_idle"


class Browser:
    """What tests ask of a page that Bokeh drew."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver

    def open(self, url: str, width_pixels: int = 1280, *, dark: bool = False) -> None:
        """Show a page, and wait until it is drawn."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        metrics = {"width": width_pixels, "height": 1600, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver.get("about:blank")
        self.driver.get_log("browser")  # type: ignore[no-untyped-call]  # not what an earlier page complained of
        self.driver.get(url)
        self.wait_for(_READY)

    def wait_for(self, script: str) -> Any:
        """What a script gives once that is true."""
        from selenium.webdriver.support.ui import WebDriverWait  # noqa: PLC0415  few tests need it

        return WebDriverWait(self.driver, 60, 0.1).until(lambda driver: driver.execute_script(script))

    @property
    def text(self) -> str:
        """All that can be read, blanks made one; not what figures draw."""
        text: str = self.driver.execute_script(_TEXT)
        return text

    def column(self, source: str, name: str) -> list[Any]:
        """A column that figures draw."""
        script = "return Array.from(Bokeh.documents[0].get_model_by_name(arguments[0]).data[arguments[1]])"
        column: list[Any] = self.driver.execute_script(script, source, name)
        return column

    def run(self, script: str) -> Any:
        """What a script gives."""
        return self.driver.execute_script(script)

    @property
    def errors(self) -> list[str]:
        """What the page complained of since the last time."""
        entries: list[dict[str, Any]] = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium; where there is none the test is skipped."""
    pytest.importorskip("bokeh")
    webdriver = pytest.importorskip("selenium.webdriver")
    paths = [shutil.which(name) for name in _PROGRAMS]
    if None in paths:
        pytest.skip(f"a browser is needed: install {' and '.join(_PROGRAMS)}")
    options = webdriver.ChromeOptions()
    options.binary_location = paths[0]
    for option in _OPTIONS:
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(executable_path=paths[1])
    driver = webdriver.Chrome(options=options, service=service)
    yield Browser(driver)
    driver.quit()
