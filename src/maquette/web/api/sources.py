"""Sources: what others wrote elsewhere. One is named by its id or its name."""

from __future__ import annotations

from pydantic import Field, SecretStr

from maquette.actions import sources
from maquette.domain.labels import Fact
from maquette.domain.posts import Source
from maquette.web import routes
from maquette.web.api.home import Here

router = routes.api("sources")


class NewSource(Fact):
    """`at`: an absolute path, or an address; without `name` it is called as that ends. `secret` is never given back."""

    kind: str
    at: str
    name: str = ""
    options: dict[str, str] = Field(default_factory=dict[str, str])
    secret: SecretStr = SecretStr("")


class NewSecret(Fact):
    secret: SecretStr


@router.get("/sources")
async def list_sources(home: Here) -> list[sources.Listed]:
    """What is read, when it was last, and what came of it."""
    return await sources.listed(home)


@router.get("/sources/kinds")
async def list_source_kinds(home: Here) -> list[sources.Kind]:
    """What can be read."""
    return sources.kinds(home)


@router.post("/sources", status_code=201)
async def add_source(home: Here, new: NewSource) -> Source:
    """Nothing is read yet; the secret goes to the system's keyring, or to a sealed file."""
    secret = new.secret.get_secret_value()
    return await sources.add(home, new.kind, new.at, name=new.name, options=new.options, secret=secret)


@router.post("/sources/{source}/read")
async def read_source(home: Here, source: str) -> sources.Listed:
    """Now, to its end: what came, changed and went since the last time."""
    return await sources.read(home, source)


@router.post("/sources/{source}/secret", status_code=204)
async def set_source_secret(home: Here, source: str, new: NewSecret) -> None:
    """In place of the one that was kept."""
    await sources.set_secret(home, source, new.secret.get_secret_value())


@router.post("/sources/{source}/remove", status_code=204)
async def remove_source(home: Here, source: str) -> None:
    """With all that was read of it."""
    await sources.remove(home, source)
