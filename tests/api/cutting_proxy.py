"""A TCP proxy that breaks connections where a test wants it."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterator

CHUNK = 65_536


class CuttingProxy:
    """Forwards to `target` (host, port). What was sent through it is kept, a connection each."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.target: tuple[str, int] | None = None  # none: connections are closed at once
        self.sent: list[bytearray] = []
        # After so many bytes of an upload: cut the connection once, or hold it for good.
        self.cut_after: int | None = None
        self.hold_after: int | None = None
        self.held = threading.Event()
        # The answer to the first request that holds this is thrown away with its connection.
        self.swallow_answer_to: bytes | None = None
        self._uploaded = 0
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def aim(self, url: str) -> None:
        host, port = url.removeprefix("http://").split(":")
        self.target = (host, int(port))

    def parts_sent(self) -> list[int]:
        """The parts of uploads in the order in which they were begun."""
        found = [
            int(part)
            for connection in self.sent
            for part in re.findall(rb"PUT /uploads/[^ ]*[?&]part=(\d+)", bytes(connection))
        ]
        return found

    def close(self) -> None:
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            if self.target is None:
                near.close()
                continue
            far = socket.create_connection(self.target)
            kept = bytearray()
            with self._lock:
                self.sent.append(kept)
            state = {"swallow": False}
            for work in (self._up, self._down):
                threading.Thread(target=work, args=(near, far, kept, state), daemon=True).start()

    def _up(self, near: socket.socket, far: socket.socket, kept: bytearray, state: dict[str, bool]) -> None:
        with contextlib.suppress(OSError):
            while data := near.recv(CHUNK):
                kept += data
                if self.swallow_answer_to and self.swallow_answer_to in data:
                    self.swallow_answer_to = None
                    state["swallow"] = True
                if b"PUT /uploads/" in kept:
                    self._uploaded += len(data)
                if self.cut_after is not None and self._uploaded > self.cut_after:
                    self.cut_after = None
                    break
                if self.hold_after is not None and self._uploaded > self.hold_after:
                    self.held.set()
                    continue
                far.sendall(data)
        _end(near, far)

    def _down(self, near: socket.socket, far: socket.socket, kept: bytearray, state: dict[str, bool]) -> None:
        with contextlib.suppress(OSError):
            while data := far.recv(CHUNK):
                if state["swallow"] or self.target is None:
                    break
                near.sendall(data)
        _end(near, far)


def _end(*sockets: socket.socket) -> None:
    for one in sockets:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


@contextlib.contextmanager
def cutting_proxy() -> Iterator[CuttingProxy]:
    proxy = CuttingProxy()
    try:
        yield proxy
    finally:
        proxy.close()
