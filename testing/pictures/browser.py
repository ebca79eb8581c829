"""A headless Chromium, driven over its DevTools protocol (https://chromedevtools.github.io/devtools-protocol/), which it
speaks here over two pipes: no port, no library."""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

_PROGRAMS = ("chromium", "chromium-headless-shell", "google-chrome")
_ANSWER_SECONDS = 60
# Above what the shell below opens by itself.
_LOW_DESCRIPTOR = 10


class BrowserError(Exception):
    pass


class Browser:
    """One process with a profile of its own, which goes with it. Use as a context manager."""

    def __init__(self, width=1440, height=900):
        program = next((path for name in _PROGRAMS if (path := shutil.which(name))), None)
        if program is None:
            raise BrowserError("there is no chromium: tools/bazel installs it for tests, see tools/packages.txt")
        self._folder = tempfile.mkdtemp(prefix="browser.", dir=os.environ.get("TEST_TMPDIR"))
        commands_out, self._commands = _pipe()
        self._answers, answers_in = _pipe()
        # Root has no sandbox, and a container's /dev/shm may be tiny.
        arguments = [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                     "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--mute-audio",
                     "--hide-scrollbars", "--force-color-profile=srgb", f"--window-size={width},{height}",
                     f"--user-data-dir={self._folder}/profile", "--remote-debugging-pipe", "about:blank"]
        environment = {**os.environ, "HOME": self._folder, "XDG_CONFIG_HOME": self._folder, "XDG_CACHE_HOME": self._folder}
        with open(os.path.join(self._folder, "log"), "wb") as log:
            self._process = subprocess.Popen(
                ["/bin/bash", "-c", f'exec "$@" 3<&{commands_out} 4>&{answers_in}', "browser", *arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, pass_fds=(commands_out, answers_in))
        os.close(commands_out)
        os.close(answers_in)
        self._buffer = b""
        self._last_id = 0
        self.events = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.call("Browser.close")
            self._process.wait(timeout=20)
        except (BrowserError, OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        os.close(self._commands)
        os.close(self._answers)
        shutil.rmtree(self._folder, ignore_errors=True)

    def call(self, method, session=None, **parameters):
        """Sends a command and waits for its answer; what happens meanwhile is added to `events`."""
        self._last_id += 1
        message = {"id": self._last_id, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._commands, data):]
        deadline = time.monotonic() + _ANSWER_SECONDS
        while True:
            answer = self._receive(deadline)
            if answer.get("id") != self._last_id:
                self.events.append(answer)
            elif "error" in answer:
                raise BrowserError(f"{method}: {answer['error']['message']}")
            else:
                return answer["result"]

    def _receive(self, deadline):
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._answers], [], [], max(0, deadline - time.monotonic()))
            data = os.read(self._answers, 1 << 20) if ready else b""
            if not data:
                raise BrowserError("the browser has gone: " + self._log() if ready else "the browser does not answer")
            self._buffer += data
        message, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(message)

    def _log(self):
        with open(os.path.join(self._folder, "log"), "r", errors="replace") as log:
            return log.read()[-2000:]

    def open(self, path):
        return Page(self, path)


class Page:
    """A file, shown in a tab of its own."""

    def __init__(self, browser, path):
        self._browser = browser
        self.url = "file://" + os.path.abspath(path)
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Page.navigate", url=self.url)
        self.wait_for("document.readyState === 'complete'")

    def call(self, method, **parameters):
        return self._browser.call(method, self._session, **parameters)

    def evaluate(self, expression):
        """The value of JavaScript, once it is there if it is promised."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(f"{expression}: {answer['exceptionDetails'].get('exception', {}).get('description')}")
        return answer["result"].get("value")

    def wait_for(self, condition, seconds=30):
        deadline = time.monotonic() + seconds
        while not self.evaluate(condition):
            if time.monotonic() > deadline:
                raise BrowserError(f"in vain waited for: {condition}")
            time.sleep(0.05)

    def settle(self):
        """Returns when what was asked for is drawn."""
        self.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")

    def errors(self):
        """What the page has complained about: exceptions, errors on the console, violated policies."""
        found = []
        for event in self._browser.events:
            if event.get("sessionId") != self._session:
                continue
            if event["method"] == "Runtime.exceptionThrown":
                details = event["params"]["exceptionDetails"]
                found.append(details.get("exception", {}).get("description", details["text"]))
            elif event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] in ("error", "warning"):
                found.append(event["params"]["entry"]["text"])
            elif event["method"] == "Runtime.consoleAPICalled" and event["params"]["type"] in ("error", "warning", "assert"):
                found.append(str(event["params"]["args"]))
        return found

    def requests(self):
        return [event["params"]["request"]["url"] for event in self._browser.events
                if event.get("sessionId") == self._session and event["method"] == "Network.requestWillBeSent"]

    # ---- What a person does ----

    def click(self, x, y):
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1 if kind == "mousePressed" else 0,
                      clickCount=1)
        self.settle()

    def click_on(self, selector):
        x, y = self.evaluate(f"(() => {{ const r = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
                             " return [r.x + r.width / 2, r.y + r.height / 2]; })()")
        self.click(x, y)

    def drag(self, x0, y0, x1, y1):
        self.call("Input.dispatchMouseEvent", type="mousePressed", x=x0, y=y0, button="left", buttons=1, clickCount=1)
        for part in (0.3, 0.7, 1):
            self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x0 + (x1 - x0) * part, y=y0 + (y1 - y0) * part,
                      button="left", buttons=1)
        self.call("Input.dispatchMouseEvent", type="mouseReleased", x=x1, y=y1, button="left", clickCount=1)
        self.settle()

    def move(self, x, y):
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        self.settle()

    def wheel(self, x, y, amount, shift=False):
        self.call("Input.dispatchMouseEvent", type="mouseWheel", x=x, y=y, deltaX=0, deltaY=amount, modifiers=8 if shift else 0)
        self.settle()

    def press(self, key, shift=False):
        text = {"text": key} if len(key) == 1 else {}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, modifiers=8 if shift else 0, **(text if kind == "keyDown" else {}))
        self.settle()

    def type(self, text):
        self.call("Input.insertText", text=text)
        self.settle()

    def screenshot(self, path):
        self.settle()
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))


def _pipe():
    """The ends of a pipe, both with high numbers: 3 and 4 are the browser's."""
    ends = []
    for descriptor in os.pipe():
        ends.append(fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _LOW_DESCRIPTOR))
        os.close(descriptor)
    return ends
