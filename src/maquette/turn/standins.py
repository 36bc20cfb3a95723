"""Who answers in a turn: the thread's own model, or, while that doesn't answer, one that its role names to stand in."""

from __future__ import annotations

from collections.abc import Mapping

from maquette.domain.errors import MaquetteError, Refused, Unavailable
from maquette.domain.messages import Usage
from maquette.domain.projects import Project
from maquette.domain.roles import Role
from maquette.kinds.providers import Answered, Conversation, Provider, Request
from maquette.store import Store, roles
from maquette.turn.counting import counted

NOT_THERE = "bad-address"
"""The code of `Refused` by which a provider says that no server of models is where it was led."""


class Line:
    """To one model at a time. What another was sent is no use to it: its requests are built anew from the log."""

    provider: Provider
    """Who is at the other end, once it was led anywhere."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        self._providers = providers
        self._name: str = ""
        self._conversation: Conversation | None = None
        self.model = ""
        """Without the wire."""
        self.rules = False
        """Whether who answers is no language model."""

    async def to(self, name: str) -> Conversation:
        """Refused, where the model's name leads nowhere."""
        if self._conversation is None or name != self._name:
            await self.close()
            wire, _, self.model = name.partition(":")
            provider = self._providers.get(wire)
            if provider is None:
                raise Refused(f"No provider is called {wire!r}. There are: {', '.join(sorted(self._providers))}.")
            self.provider, self._name, self._conversation = provider, name, provider.open(self.model)
            self.rules = provider.connected().is_rules
        return self._conversation

    async def usage(self, request: Request, answered: Answered) -> Usage:
        """What the answer to this took."""
        return await counted(self.provider, request, answered)

    async def close(self) -> None:
        conversation, self._conversation = self._conversation, None
        if conversation is not None:
            await conversation.close()

    def is_out(self, error: MaquetteError, *, over: bool) -> bool:
        """Whether it is the server that fails, and waiting for it is `over` or would be long. What a server says
        against the request itself is never an outage.
        """
        if isinstance(error, Unavailable):
            return over or bool(self.provider.connected().silent)
        return isinstance(error, Refused) and error.code == NOT_THERE

    async def stand_in(self, store: Store, project: Project, own: str) -> str | None:
        """Who comes after this model where the worker's role names the thread's `own`, and seems to answer."""
        chain = (await roles.of(store, project)).get(Role.WORKER, ())
        if own not in chain or self._name not in chain:
            return None
        for other in chain[chain.index(self._name) + 1 :]:
            provider = self._providers.get(other.partition(":")[0])
            state = provider.connected() if provider else None
            if state is not None and state.ready and not state.silent:
                return other
        return None
