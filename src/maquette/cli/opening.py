"""The way into the browser: open, sessions."""

from __future__ import annotations

import argparse
import os
import sys

from maquette.cli import endings, screen
from maquette.cli.commands import Commands
from maquette.cli.link import Link, segment


def add(commands: Commands) -> None:
    opening = commands.add("open", "Open the base in the browser", _open)
    opening.add_argument("thread", nargs="?", help="the thread whose page is opened; else where work begins")
    opening.add_argument("--print", action="store_true", help="only print the address, and a code to type there")
    sessions = commands.add("sessions", "Which browsers are in, and ways to put them out", _sessions)
    which = sessions.add_mutually_exclusive_group()
    which.add_argument("--end", metavar="ID", help="log one out")
    which.add_argument("--end-all", action="store_true", help="log all out")
    which.add_argument("--renew-token", action="store_true", help="have programs show another token from now on")
    sessions.add_argument("--json", action="store_true", help="as the base gives it")


def _open(link: Link, args: argparse.Namespace) -> int:
    return open_page(link, args.thread, only_print=args.print)


def open_page(link: Link, thread: str | None = None, *, only_print: bool = False) -> int:
    """In a browser where there is one, else the address and a code are printed."""
    launch = link.post("/launches", {"thread": thread})
    out = screen.out()
    if not only_print and _seen() and _opened(launch["file"]):
        out.line(f"Opening {launch['address']} in your browser. ", ("`maquette open --print` if it doesn't.", "dim"))
        return endings.DONE
    port = launch["address"].rpartition(":")[2].partition("/")[0]
    out.line("Open ", (launch["address"], "bold"), " in a browser of this machine, and type ", (launch["code"], "bold"))
    out.line((f"It lets in one browser, within {launch['seconds']} seconds.", "dim"))
    if os.environ.get("SSH_CONNECTION"):
        host = os.environ["SSH_CONNECTION"].split()[2]
        out.line((f"From the machine you sit at, first: ssh -L {port}:127.0.0.1:{port} {host}", "dim"))
    return endings.DONE


def _seen() -> bool:
    """Whether a browser has somewhere to appear."""
    return sys.platform != "linux" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))


def _opened(file: str) -> bool:
    """What the browser is given as an argument, which every user of the machine sees, is the name of a file of ours."""
    import webbrowser
    from pathlib import Path

    return webbrowser.open(Path(file).as_uri())


def _sessions(link: Link, args: argparse.Namespace) -> int:
    out = screen.out()
    if args.end or args.end_all or args.renew_token:
        link.post(
            f"/sessions/{segment(args.end)}/end" if args.end else "/sessions/end" if args.end_all else "/token/renew"
        )
        out.line("Programs must show the new token now." if args.renew_token else "Logged out.")
        return endings.DONE
    found = link.get("/sessions")
    if args.json:
        return screen.as_json(found)
    rows = ((one["id"], f"{one['seen'][:16]}Z", f"{one['began'][:16]}Z", one["browser"]) for one in found["sessions"])
    out.table(("id", "last used", "since", "browser"), rows, "No browser is in: `maquette open` lets one in.")
    if found["wrong"]:
        out.line((f"{found['wrong']} wrong keys were tried, the last at {found['last_wrong'][:16]}Z.", "yellow"))
    return endings.DONE
