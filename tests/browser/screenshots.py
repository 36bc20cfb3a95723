"""Makes the pictures in docs/pictures (`make screenshots`): a real base, the sample, the apprentice at work on it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from browser.browsers import a_person, chromium
from house.bases import a_machine, ask
from maquette.samples.shop import make_sample

PICTURES = Path("docs/pictures")
SIZE = {"width": 1160, "height": 860}


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder:
        shop = Path(folder, "bookshop")
        make_sample(shop)
        with a_machine(Path(folder)) as machine, chromium() as browser:
            machine.ok("run", "delete the dead code", "--project", str(shop), "--mode", "worktree")
            thread = f"/threads/{ask(machine, 'GET', '/v1/threads')[0]['id']}"
            machine.ok("explore", "sample", "--wait")
            explored = f"/explore/{ask(machine, 'GET', '/v1/explorations')[0]['id']}"
            pages = {"start": "/", "thread": thread, "gallery": explored, "map": f"{explored}/map"}
            pages |= {"compare": f"{explored}/compare?left=1&right=3", "fold": f"{explored}/fold?into=1"}
            for scheme in ("light", "dark"):
                with a_person(machine, browser, viewport=SIZE, color_scheme=scheme) as person:
                    for name, path in pages.items():
                        page = person.opens(path)
                        page.locator("html[data-ready]").wait_for()
                        page.wait_for_timeout(500)  # fonts, and the line to the base
                        page.screenshot(path=PICTURES / f"{name}-{scheme}.jpg", type="jpeg", quality=80)


if __name__ == "__main__":
    main()
