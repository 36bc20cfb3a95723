"""A base behind its door, and who knocks: over real TCP, by whatever headers."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from house.bases import Machine, a_machine
from maquette.cli.link import Link
from maquette.settings import settings

BROWSER = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
"""What a browser adds to what a page of ours asks."""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Doorway:
    """The port of a base that is up."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        machine.ok("threads")
        self.link = Link(settings({"MAQUETTE_HOME": str(machine.state)}))

    @property
    def port(self) -> int:
        return int((self.machine.state / "port").read_text().split()[1])

    @property
    def token(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {(self.machine.state / 'token').read_text().strip()}"}

    @contextmanager
    def open(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Generator[http.client.HTTPResponse]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with closing(connection):
            connection.request(method, path, body, dict(headers or {}))
            with connection.getresponse() as answer:
                yield answer

    def ask(self, method: str, path: str, headers: Mapping[str, str] | None = None, body: object = None) -> Answer:
        given = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body, given = json.dumps(body).encode(), {"Content-Type": "application/json", **given}
        with self.open(method, path, given, body) as answer:
            return Answer(answer.status, answer.headers, answer.read())

    def enter(self, code: str, **headers: str) -> Answer:
        return self.ask("POST", "/enter", {**FORM, **headers}, urlencode({"code": code}).encode())

    def let_in(self) -> dict[str, str]:
        """The headers of a page of ours, in a browser that has just come in."""
        answer = self.enter(self.link.post("/launches")["code"], Origin="null")
        assert answer.status == 200, answer.body
        found = re.match(rf"maquette_{self.port}=([\w-]+);", answer.headers["Set-Cookie"])
        assert found
        return {"Cookie": f"maquette_{self.port}={found[1]}", **BROWSER}

    def threads(self) -> Any:
        return self.link.get("/threads")


@contextmanager
def a_doorway(folder: Path, variables: Mapping[str, str] | None = None) -> Generator[Doorway]:
    with a_machine(folder, variables) as machine:
        yield Doorway(machine)
