"""Firefox as Debian has it, driven by WebDriver BiDi, which it speaks itself over a websocket.

https://w3c.github.io/webdriver-bidi/ says what the commands mean. Playwright is no help here: it
drives only a Firefox of its own making.
"""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.browser.readers import NotNow, Reader, as_json
from tests.servers import PATIENCE, end, end_with_parent, wait_until

# Keys without a letter, as WebDriver writes them.
KEYS = {
    "Backspace": "\ue003", "Tab": "\ue004", "Enter": "\ue007", "Shift": "\ue008",
    "Escape": "\ue00c", "Space": " ", "End": "\ue010", "Home": "\ue011",
    "ArrowUp": "\ue013", "ArrowDown": "\ue015",
}  # fmt: skip
EVENTS = ["log.entryAdded", "network.beforeRequestSent", "network.fetchError"]
# Errors of a command that arrives while its document is just being left.
LEAVING = ("no such frame", "no such script", "unknown error", "no such node")
# What the console is told when a page is left: by htmx of updates that were stopped, and by Firefox
# of fonts. The number is NS_BINDING_ABORTED.
STOPPED = ("NetworkError when attempting", "status=2152398850")


class Refused(Exception):
    """Firefox did not do what it was asked for."""


class Firefox:
    """A running Firefox, told one command after another."""

    def __init__(self, socket: ClientConnection, site: str) -> None:
        self.socket = socket
        self.site = site
        self.number = 0
        self.faults: list[str] = []
        self.do("session.new", capabilities={})
        self.do("session.subscribe", events=EVENTS)

    def do(self, command: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result; note the events that come meanwhile."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": command, "params": parameters}))
        while (answer := self.receive(command)).get("id") != self.number:
            self.note(answer.get("method", ""), answer.get("params", {}))
        if answer["type"] == "error":
            raise Refused(f"{command}: {answer['error']}: {answer['message']}")
        return answer["result"]

    def receive(self, command: str) -> dict[str, Any]:
        try:
            return json.loads(self.socket.recv(timeout=PATIENCE))
        except TimeoutError:
            raise Refused(f"{command}: no answer within {PATIENCE} seconds") from None

    def note(self, event: str, told: dict[str, Any]) -> None:
        """Note errors of scripts and of the console, failed requests and those to other sites."""
        url = told.get("request", {}).get("url", "")
        if event == "log.entryAdded" and told["level"] in ("error", "warn"):
            if not any(words in told["text"] for words in STOPPED):
                self.faults.append(f"console: {told['text']}")
        elif event == "network.fetchError" and told["errorText"] != "NS_BINDING_ABORTED":
            # Leaving a page aborts its unfinished requests, which is no fault.
            self.faults.append(f"failed: {url} {told['errorText']}")
        elif event == "network.beforeRequestSent" and not url.startswith((self.site, "data:")):
            self.faults.append(f"a request to another site: {url}")

    def open_tab(self) -> "Tab":
        person = self.do("browser.createUserContext")["userContext"]
        tab = self.do("browsingContext.create", type="tab", userContext=person)
        return Tab(self, tab["context"], person)

    def forget_faults(self) -> list[str]:
        """Return what went wrong since the last call."""
        self.do("session.status")  # by its answer, all events before it have come
        faults, self.faults = self.faults, []
        return faults


class Tab(Reader):
    """A tab of Firefox, with cookies and storage of its own."""

    name = "Firefox"

    def __init__(self, firefox: Firefox, context: str, person: str) -> None:
        self.firefox = firefox
        self.context = context
        self.person = person

    def do(self, command: str, **parameters: Any) -> dict[str, Any]:
        return self.firefox.do(command, context=self.context, **parameters)

    def open(self, path: str) -> None:
        url = f"{self.firefox.site}{path}"
        self.do("browsingContext.navigate", url=url, wait="complete")

    def evaluate(self, expression: str) -> Any:
        try:
            answer = self.firefox.do(
                "script.evaluate",
                expression=as_json(expression),
                target={"context": self.context},
                awaitPromise=True,
            )
        except Refused as refused:
            if any(reason in str(refused) for reason in LEAVING):
                raise NotNow from refused
            raise
        if answer["type"] == "exception":
            raise Refused(f"{expression}: {answer['exceptionDetails']['text']}")
        return json.loads(answer["result"]["value"])

    def click(self, selector: str) -> None:
        place = self.evaluate(PLACE % json.dumps(selector))
        if isinstance(place, str):
            raise Refused(f"{selector} cannot be clicked: {place}")
        move = {"type": "pointerMove", "x": round(place[0]), "y": round(place[1])}
        press = [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")]
        self.act({"type": "pointer", "id": "mouse", "actions": [move, *press]})

    def press(self, *keys: str) -> None:
        values = [KEYS.get(key, key) for key in keys]
        strokes = [{"type": kind, "value": v} for v in values for kind in ("keyDown", "keyUp")]
        self.act({"type": "key", "id": "keyboard", "actions": strokes})

    def act(self, source: dict[str, Any]) -> None:
        self.do("input.performActions", actions=[source])

    def reload(self) -> None:
        self.do("browsingContext.reload", wait="complete")

    def go(self, steps: int) -> None:
        self.do("browsingContext.traverseHistory", delta=steps)

    def resize(self, width: int, height: int) -> None:
        self.do("browsingContext.setViewport", viewport={"width": width, "height": height})

    def print_page(self) -> bytes:
        page = {"width": 21.0, "height": 29.7}  # centimetres
        return base64.b64decode(self.do("browsingContext.print", page=page)["data"])

    def close(self) -> None:
        self.firefox.do("browser.removeUserContext", userContext=self.person)


# JavaScript that scrolls to the element of a selector and returns its middle, or says why it cannot
# be clicked there.
PLACE = """(() => {
  const element = document.querySelector(%s);
  if (!element) return "it is not on the page";
  element.scrollIntoView({ block: "center", behavior: "instant" });
  const box = element.getClientRects()[0];
  if (!box || !element.checkVisibility({ visibilityProperty: true })) return "it is not shown";
  const place = [box.left + box.width / 2, box.top + box.height / 2];
  const hit = document.elementFromPoint(...place);
  const belongs = element.contains(hit) || hit?.closest("label")?.contains(element);
  return belongs ? place : `something else lies there: ${hit?.outerHTML.slice(0, 200)}`;
})()"""


@contextmanager
def started_firefox(folder: Path, site: str) -> Iterator[Firefox]:
    """Start Firefox with a new profile in the folder, and end it afterwards."""
    program = os.environ.get("FIREFOX") or shutil.which("firefox-esr")
    assert program, "Firefox is missing: apt-get install firefox-esr, or name it in FIREFOX."
    # As Chromium is told too: a click must not aim at an element that is still gliding away.
    (folder / "user.js").write_text('user_pref("ui.prefersReducedMotion", 1);\n')
    log = folder / "firefox.log"
    command = (program, "--headless", "--no-remote", "--remote-debugging-port=0")
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, "--profile", str(folder)],
            env={**os.environ, "HOME": str(folder)},
            stdout=out,
            stderr=out,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
    try:
        # Firefox writes its port into the profile as soon as it listens.
        told = folder / "WebDriverBiDiServer.json"
        wait_until(
            lambda: process.poll() is not None or (told.is_file() and told.read_text()),
            "Firefox starts",
        )
        assert process.poll() is None, f"Firefox ended at once:\n{log.read_text()}"
        port = json.loads(told.read_text())["ws_port"]
        with connect(f"ws://127.0.0.1:{port}/session", max_size=None) as socket:
            yield Firefox(socket, site)
    finally:
        end(process)
