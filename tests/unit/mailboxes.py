"""A real IMAP server (pymap), in a thread of this process, on loopback; over TLS where it is given a certificate."""

from __future__ import annotations

import asyncio
import imaplib
import ssl
import threading
from argparse import Namespace
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer

USER, PASSWORD = "anna", 'pässword "1"'


class Mailbox:
    """`certificate`: of a server that speaks TLS; `spoken` counts those who got as far as to speak to it."""

    def __init__(self, certificate: Path | None) -> None:
        self._certificate = certificate
        self.port = self.spoken = 0

    @property
    def address(self) -> str:
        return f"imap{'s' if self._certificate else ''}://{USER}@127.0.0.1:{self.port}"

    @contextmanager
    def open(self) -> Generator[imaplib.IMAP4]:
        """As another mail program has it open."""
        with self._client() as client:
            client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
            client.select("INBOX")
            yield client

    def _client(self) -> imaplib.IMAP4:
        if self._certificate is None:
            return imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        trusting = ssl.create_default_context(cafile=self._certificate)
        return imaplib.IMAP4_SSL("127.0.0.1", self.port, ssl_context=trusting, timeout=20)

    def remove(self, number: int) -> None:
        """For good, as another mail program does."""
        with self.open() as client:
            client.store(str(number), "+FLAGS", "\\Deleted")
            client.expunge()

    def put(self, *messages: bytes, folder: str = "INBOX") -> None:
        with self.open() as client:
            if folder != "INBOX":
                client.create(folder)
            for message in messages:
                assert client.append(folder, "", "", message)[0] == "OK"


@contextmanager
def mailbox(certificate: Path | None = None) -> Generator[Mailbox]:
    """Empty, of one person."""
    loop, up, made = asyncio.new_event_loop(), threading.Event(), Mailbox(certificate)
    end = asyncio.Event()

    async def serve() -> None:
        args = Namespace(
            **{"host": "127.0.0.1", "port": 0, "debug": False, "cert": None, "key": None, "tls": False},
            **{"demo_data": False, "demo_user": USER, "demo_password": PASSWORD, "passlib_cfg": None},
            **{"proxy_protocol": None, "inherited_sockets": None},
        )
        backend, config = await DictBackend.init(args)
        config.apply_context()
        speak = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(backend.login, config))

        async def spoken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            made.spoken += 1
            await speak(reader, writer)

        server = await asyncio.start_server(spoken, "127.0.0.1", 0, ssl=_speaking(certificate))
        async with server:
            made.port = server.sockets[0].getsockname()[1]
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
        yield made
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(20)


def _speaking(certificate: Path | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


def certificate(path: Path) -> Path:
    """Of 127.0.0.1, signed by itself, with its key: whoever trusts it is told to by its path."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mailbox")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    uses = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False)
    uses |= dict.fromkeys(("crl_sign", "encipher_only", "decipher_only"), False)
    for extension in (
        x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
        x509.BasicConstraints(ca=True, path_length=0),
        x509.KeyUsage(digital_signature=True, key_cert_sign=True, **uses),
        x509.SubjectKeyIdentifier.from_public_key(key.public_key()),
    ):
        made = made.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    pem = serialization.Encoding.PEM
    kept = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(kept + made.sign(key, hashes.SHA256()).public_bytes(pem))
    return path
