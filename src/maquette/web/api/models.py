"""Models: the ways to reach them, what they are taken for, and whether they answer."""

from __future__ import annotations

from pydantic import SecretStr

from maquette.actions import connections, models, offers, roles, trying
from maquette.domain.labels import Fact
from maquette.domain.roles import Models as Names
from maquette.domain.roles import Role
from maquette.web import routes
from maquette.web.api.home import Here

router = routes.api("models")


class Models(Fact):
    """`default` is what threads get that name none; `roles` those that were given, for all of the base."""

    default: str
    wires: tuple[models.Way, ...]
    roles: dict[Role, Names]


@router.get("/models")
async def list_models(home: Here) -> Models:
    given = await roles.listed(home)
    return Models(default=await roles.worker(home), wires=tuple(models.listed(home)), roles=dict(given))


class Trying(Fact):
    """`model` as `wire:name`; without one, the default."""

    model: str | None = None


@router.post("/models/try")
async def try_model(home: Here, trying_: Trying) -> trying.Tried:
    """Asks the model one short thing, now, and some more to learn what it can do. What came of it is no error,
    whatever it is.
    """
    return await trying.try_out(home, trying_.model or await roles.worker(home))


@router.post("/models/find")
async def find_models(home: Here) -> list[connections.Found]:
    """Looks for servers of models at their usual ports on this machine, and no other."""
    return await connections.found(home)


class NewConnection(Fact):
    """Without `address` the vendor's own; without `name` it is called as its wire; `key` is never given back."""

    wire: str
    model: str
    address: str = ""
    key: SecretStr = SecretStr("")
    name: str = ""


class KeptConnection(NewConnection):
    """`untested`: kept without asking the model first."""

    untested: bool = False


@router.post("/connections/try")
async def try_connection(home: Here, new: NewConnection) -> trying.Tried:
    """Asks the model one short thing, now, as it would be connected. Nothing is kept."""
    key = new.key.get_secret_value()
    return await connections.try_out(home, new.wire, address=new.address, key=key, model=new.model, name=new.name)


@router.post("/connections", status_code=201)
async def connect_model(home: Here, new: KeptConnection) -> connections.Connected:
    """Kept once the model has answered; used at once. The key goes to the system's keyring, or to a sealed file."""
    return await connections.connect(
        home,
        new.wire,
        address=new.address,
        key=new.key.get_secret_value(),
        model=new.model,
        name=new.name,
        untested=new.untested,
    )


@router.post("/connections/{name}/forget", status_code=204)
async def forget_connection(home: Here, name: str) -> None:
    """The connection and its key."""
    await connections.forget(home, name)


class Better(Fact):
    """A model that a person says is better; in `project` alone, else in all that have no worker of their own."""

    model: str
    project: str | None = None


class Offered(Fact):
    """Whether anything is on the shelf that it tries now."""

    tries: bool


@router.post("/models/better")
async def model_is_better(home: Here, better: Better) -> Offered:
    """What is on the shelf is tried again by it, in the background, within the shelf's budget of each project."""
    return Offered(tries=await offers.say(home, better.model, better.project))


class Giving(Fact):
    """A role to `models`, as `wire:name`: the first, then those that stand in for it, in order. To none: as it was."""

    role: Role
    models: Names
    project: str | None = None


@router.post("/roles")
async def give_role(home: Here, giving: Giving) -> dict[Role, Names]:
    """Answers with the roles as they stand then, in the project or in the base."""
    return dict(await roles.give(home, giving.role, giving.models, giving.project))
