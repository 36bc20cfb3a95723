# pyright: basic
# (runs in a box, where Pillow may be lacking)
"""Does what a film's steps say in a browser, with a picture after each: run by its path, spoken to by a pipe.

Standard input: what to film, as JSON. Standard output: a JSON line for each frame, `{"why": ""}` or why there is none.
A page may do to this process what it likes: who reads believes nothing of it but pictures of a size.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from base64 import b64decode
from io import BytesIO
from pathlib import Path

from PIL import Image

FRAME = (480, 300)
LOADS, STEP, SETTLES = 15.0, 5.0, 0.35
"""Seconds for the page to load, for a step to be done, and until what it set off is seen."""
KEYS = {
    "Enter": 13, "Escape": 27, "Tab": 9, "Space": 32, "Backspace": 8, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39,
    "ArrowDown": 40, "PageUp": 33, "PageDown": 34, "Home": 36, "End": 35,
}  # fmt: skip
# Of all that bears the words, what a person could press, else the innermost.
FINDS = """(words, fields) => {
  const said = (one) => [one.innerText ?? one.textContent, one.getAttribute("aria-label"), one.placeholder, one.name,
    one.value].map((text) => String(text ?? "").trim().toLowerCase());
  const wanted = words.trim().toLowerCase();
  const all = [...document.querySelectorAll(fields ? "input,textarea,select,[contenteditable]" : "body *")]
    .filter((one) => one.getClientRects().length);
  const labelled = fields ? all.filter((one) => [...(one.labels ?? [])].some((l) => said(l)[0].includes(wanted))) : [];
  const exact = [...labelled, ...all.filter((one) => said(one).includes(wanted))];
  const found = exact.length ? exact : all.filter((one) => said(one).some((text) => text.includes(wanted)));
  const presses = "a,button,summary,label,input,select,textarea,[role=button],[role=tab],[tabindex],[onclick]";
  const one = found.find((some) => some.matches(presses)) ?? found.at(-1);
  if (!one) return null;
  one.scrollIntoView({ block: "center", behavior: "instant" });
  const box = one.getBoundingClientRect();
  return [box.x + box.width / 2, box.y + Math.min(box.height / 2, 200)];
}"""


class Browser:
    """One page of a Chromium of its own."""

    def __init__(self, program: str, flags: list[str]) -> None:
        held = [os.open(os.devnull, os.O_RDONLY) for _ in range(4)]  # so that no pipe is 3 or 4 already
        theirs, self._say = os.pipe()
        self._hear, said = os.pipe()
        os.dup2(theirs, 3, inheritable=True)
        os.dup2(said, 4, inheritable=True)
        self._process = subprocess.Popen(
            [program, *flags, "--remote-debugging-pipe", "about:blank"],
            pass_fds=(3, 4),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for end in {theirs, said, 3, 4, *held} - {self._say, self._hear}:
            os.close(end)
        self._number, self._session, self._read = 0, "", b""
        self._waiting: list[dict] = []
        until = time.monotonic() + LOADS
        page = self.call("Target.createTarget", {"url": "about:blank"}, until)["targetId"]
        self._session = self.call("Target.attachToTarget", {"targetId": page, "flatten": True}, until)["sessionId"]

    def call(self, method: str, given: dict, until: float) -> dict:
        """Raises `TimeoutError`, `ValueError` for what the browser turns down, `EOFError` when it is gone."""
        self._number += 1
        asked = {"id": self._number, "method": method, "params": given}
        if self._session:
            asked["sessionId"] = self._session
        os.write(self._say, json.dumps(asked).encode() + b"\0")
        while (said := self._next(until)).get("id") != self._number:
            self._waiting.append(said)
        if "error" in said:
            raise ValueError(said["error"].get("message", "refused"))
        return said["result"]

    def wait(self, event: str, until: float) -> None:
        while not any(said.get("method") == event for said in self._waiting):
            self._waiting.append(self._next(until))

    def forget(self) -> None:
        self._waiting.clear()

    def _next(self, until: float) -> dict:
        while b"\0" not in self._read:
            ready, _, _ = select.select([self._hear], [], [], max(until - time.monotonic(), 0))
            if not ready:
                raise TimeoutError
            if not (came := os.read(self._hear, 1 << 20)):
                raise EOFError
            self._read += came
        line, _, self._read = self._read.partition(b"\0")
        return json.loads(line)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def main(program: str, out: str, *flags: str) -> None:
    asked = json.load(sys.stdin)
    browser = Browser(program, list(flags))
    try:
        until = time.monotonic() + LOADS
        size = {"width": asked["width"], "height": asked["height"], "deviceScaleFactor": 1, "mobile": False}
        browser.call("Emulation.setDeviceMetricsOverride", size, until)
        browser.call("Page.enable", {}, until)
        browser.forget()
        browser.call("Page.navigate", {"url": asked["address"]}, until)
        browser.wait("Page.loadEventFired", until)
        for number, step in enumerate(["", *asked["steps"]]):
            why = _done(browser, step) if step else ""
            time.sleep(SETTLES)
            shot = browser.call("Page.captureScreenshot", {"format": "png"}, time.monotonic() + STEP)
            _save(b64decode(shot["data"]), Path(out, f"film-{number}.png"))
            _tell(why)
    except (TimeoutError, EOFError, ValueError, OSError) as error:
        _tell(f"It could not be filmed further: {error or type(error).__name__}.")
    finally:
        browser.close()


def _done(browser: Browser, step: str) -> str:
    """Does one step; why it could not be done, or nothing."""
    act, _, words = step.partition(" ")
    until = time.monotonic() + STEP
    if act == "scroll":
        _evaluated(browser, f"window.scrollBy({{top: {int(words)}, behavior: 'instant'}})", until)
    elif act == "wait":
        time.sleep(min(float(words), STEP))
    elif act == "press":
        given = {"key": " " if words == "Space" else words, "code": words, "windowsVirtualKeyCode": KEYS.get(words, 0)}
        text = {"Enter": "\r", "Space": " "}.get(words, words if len(words) == 1 else "")
        browser.call("Input.dispatchKeyEvent", {"type": "keyDown", **given, **({"text": text} if text else {})}, until)
        browser.call("Input.dispatchKeyEvent", {"type": "keyUp", **given}, until)
    else:
        name, _, value = words.partition("=") if act == "type" else (words, "", "")
        place = _evaluated(browser, f"({FINDS})({json.dumps(name)}, {json.dumps(act == 'type')})", until)
        if not place:
            return f"Nothing there says {name!r}."
        mouse = {"x": place[0], "y": place[1]}
        browser.call("Input.dispatchMouseEvent", {"type": "mouseMoved", **mouse}, until)
        if act in ("click", "type"):
            pressed = {**mouse, "button": "left", "clickCount": 1}
            browser.call("Input.dispatchMouseEvent", {"type": "mousePressed", **pressed}, until)
            browser.call("Input.dispatchMouseEvent", {"type": "mouseReleased", **pressed}, until)
        if act == "type":
            browser.call("Input.insertText", {"text": value}, until)
    return ""


def _evaluated(browser: Browser, code: str, until: float):
    asked = {"expression": code, "returnByValue": True, "timeout": STEP * 1000}
    return browser.call("Runtime.evaluate", asked, until)["result"].get("value")


def _save(png: bytes, to: Path) -> None:
    whole = Image.open(BytesIO(png)).convert("RGB")
    small = whole.crop((0, 0, whole.width, min(whole.height, whole.width * 5 // 8)))
    small = small.resize(FRAME, Image.Resampling.BOX)
    small.quantize(96, dither=Image.Dither.NONE).save(to, "PNG", optimize=True)


def _tell(why: str) -> None:
    sys.stdout.write(json.dumps({"why": why}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
