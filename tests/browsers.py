"""A real Chromium, driven over a pair of pipes: no library, no port, no network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-extensions", "--remote-debugging-pipe",
)  # fmt: skip


class Page:
    """One page of the browser; `said` are the events that it told, in their order."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._out = os.fdopen(to_browser, "wb", buffering=0)
        self._in = os.fdopen(from_browser, "rb")
        self._n = 0
        self._session: str | None = None
        self.said: list[dict[str, Any]] = []

    def start(self) -> None:
        """Open an empty page, and listen to it."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Accessibility"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the DevTools protocol and wait for its result."""
        self._n += 1
        message = {"id": self._n, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._out.write(json.dumps(message).encode() + b"\0")
        while (told := self._next()).get("id") != self._n:
            self.said.append(told)
        assert "error" not in told, told["error"]
        return dict(told["result"])

    def open(self, path: Path, width: int = 1200, height: int = 900) -> None:
        """Load a file in a window of that size, and wait until all of it is there."""
        self.resize(width, height)
        self.said.clear()
        self.ask("Page.navigate", url=path.as_uri())
        while not any(told.get("method") == "Page.loadEventFired" for told in self.said):
            self.said.append(self._next())

    def resize(self, width: int, height: int = 900) -> None:
        """Give the window another size in CSS pixels."""
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )

    def value(self, expression: str) -> Any:
        """What an expression of the page gives."""
        return self.ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def close(self) -> None:
        """Give up the pipes; the browser then ends."""
        self._out.close()
        self._in.close()

    def _next(self) -> dict[str, Any]:
        message = bytearray()
        while (byte := self._in.read(1)) != b"\0":
            assert byte, "the browser ended"
            message += byte
        told: dict[str, Any] = json.loads(message)
        return told


@contextmanager
def page(profile: Path) -> Iterator[Page]:
    """A page of a browser of its own, with its profile in that folder."""
    assert CHROMIUM
    its_in, to_browser = os.pipe()
    from_browser, its_out = os.pipe()
    # the protocol's pipes are file descriptors 3 and 4
    command = ["bash", "-c", f'exec "$0" "$@" 3<&{its_in} 4>&{its_out}', CHROMIUM, *FLAGS]
    browser = subprocess.Popen(
        [*command, f"--user-data-dir={profile}"], pass_fds=(its_in, its_out), stderr=subprocess.DEVNULL
    )
    os.close(its_in)
    os.close(its_out)
    opened = Page(to_browser, from_browser)
    try:
        opened.start()
        yield opened
    finally:
        opened.close()
        browser.terminate()
        browser.wait()
