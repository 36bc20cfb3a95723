"""Makes the pictures in docs/pictures (`make screenshots`): a real base, and the apprentice at work on samples."""

from __future__ import annotations

import tempfile
from base64 import b64decode
from pathlib import Path
from typing import Any, cast

from playwright.sync_api import Page

from browser.browsers import a_person, chromium
from house.bases import Machine, a_machine, ask
from maquette.samples.shop import make_sample

PICTURES = Path("docs/pictures")
WIDE, PHONE = {"width": 1160, "height": 860}, {"width": 375, "height": 760}
STILL = """() => !document.querySelector("load-late:not(:has(*))") && [...document.images].every((one) => one.complete)
  && !document.querySelector("time-said:not(:defined)") && document.fonts.status === "loaded" """
"""Whether all that is seen is there."""


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="pictures-") as folder,
        a_machine(Path(folder)) as machine,
        chromium() as browser,
    ):
        pages = worked(machine)
        for name, size, scheme in (("light", WIDE, "light"), ("dark", WIDE, "dark"), ("phone", PHONE, "light")):
            with a_person(machine, browser, viewport=size, color_scheme=scheme) as person:
                for page, (path, looks) in pages.items():
                    if name in looks:
                        picture(person.opens(path), PICTURES / f"{page}-{name}.webp")


def worked(machine: Machine) -> dict[str, tuple[str, str]]:
    """Addresses by their pictures' names, each with the looks it is taken in."""
    shop = machine.folder / "bookshop"
    make_sample(shop)
    machine.ok("run", "delete the dead code", "--project", str(shop), "--mode", "worktree")
    thread = f"/threads/{ask(machine, 'GET', '/v1/threads')[0]['id']}"
    machine.ok("sources", "--sample")
    machine.ok("sources", "--read")
    machine.ok("automations", "add", "mornings", "Report what matters.", "--when", "weekdays at 7", "--reports")
    machine.ok("automations", "on", "mornings", "--yes")
    machine.ok("automations", "run", "mornings")
    machine.ok("explore", "sample", "--wait")
    explored = f"/explore/{ask(machine, 'GET', '/v1/explorations')[0]['id']}"
    return {
        "start": ("/", "light dark"),
        "thread": (thread, "light dark phone"),
        "inbox": ("/inbox", "light"),
        "gallery": (explored, "light dark"),
        "map": (f"{explored}/map", "light"),
        "compare": (f"{explored}/compare?left=2&right=3", "light"),
        "fold": (f"{explored}/fold", "light"),
    }


def picture(page: Page, file: Path) -> None:
    page.locator("html[data-ready]").wait_for()
    page.wait_for_function(STILL)
    line = cast("Any", page.context.new_cdp_session(page))
    file.write_bytes(b64decode(line.send("Page.captureScreenshot", {"format": "webp", "quality": 80})["data"]))
    page.close()


if __name__ == "__main__":
    main()
