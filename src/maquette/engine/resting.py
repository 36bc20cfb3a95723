"""An engine for a state that is only read: whatever is due stays due."""

from __future__ import annotations


class RestingEngine:
    """Begins nothing."""

    async def open(self) -> None:
        pass

    def preload(self) -> None:
        pass

    def wake(self, thread: str) -> None:
        pass

    async def stop(self, thread: str, turn: str) -> bool:
        return False

    async def close(self) -> None:
        pass
