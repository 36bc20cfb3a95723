"""A real IMAP server (pymap), in a thread of this process, on loopback."""

from __future__ import annotations

import asyncio
import imaplib
import threading
from argparse import Namespace
from collections.abc import Generator
from contextlib import contextmanager, suppress

from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer

USER, PASSWORD = "anna", 'pässword "1"'


class Mailbox:
    def __init__(self, port: int) -> None:
        self.port = port
        self.address = f"imap://{USER}@127.0.0.1:{port}"

    @contextmanager
    def open(self) -> Generator[imaplib.IMAP4]:
        """As another mail program has it open."""
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=20) as client:
            client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
            client.select("INBOX")
            yield client

    def put(self, *messages: bytes, folder: str = "INBOX") -> None:
        with self.open() as client:
            if folder != "INBOX":
                client.create(folder)
            for message in messages:
                assert client.append(folder, "", "", message)[0] == "OK"


@contextmanager
def mailbox() -> Generator[Mailbox]:
    """Empty, of one person."""
    loop, up = asyncio.new_event_loop(), threading.Event()
    ports: list[int] = []
    end = asyncio.Event()

    async def serve() -> None:
        args = Namespace(
            **{"host": "127.0.0.1", "port": 0, "debug": False, "cert": None, "key": None, "tls": False},
            **{"demo_data": False, "demo_user": USER, "demo_password": PASSWORD, "passlib_cfg": None},
            **{"proxy_protocol": None, "inherited_sockets": None},
        )
        backend, config = await DictBackend.init(args)
        config.apply_context()
        spoken = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(backend.login, config))
        server = await asyncio.start_server(spoken, "127.0.0.1", 0)
        async with server:
            ports.append(server.sockets[0].getsockname()[1])
            up.set()
            await end.wait()

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(serve())
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    thread = threading.Thread(target=run, name="mailbox")
    thread.start()
    try:
        assert up.wait(20)
        yield Mailbox(ports[0])
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(20)
