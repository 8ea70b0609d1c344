"""An HTTP server of somebody else's, with files that are read in ranges: as it should be, or not."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import re
import threading
from collections.abc import Callable, Iterator


class Asked(http.server.BaseHTTPRequestHandler):
    """One request. The tests answer with its verbs."""

    protocol_version = "HTTP/1.1"
    server: FileServer

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        headers.setdefault("Content_Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def serve(self, content: bytes) -> None:
        """As RFC 9110 has it."""
        etag = f'"{hashlib.sha256(content).hexdigest()}"'
        if self.headers.get("If-Match", etag) != etag:
            return self.answer(412)
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if not asked:
            return self.answer(200, content, ETag=etag)
        first, last = int(asked[1]), min(int(asked[2]), len(content) - 1)
        if first > last:
            return self.answer(416, Content_Range=f"bytes */{len(content)}")
        place = f"bytes {first}-{last}/{len(content)}"
        return self.answer(206, content[first : last + 1], ETag=etag, Content_Range=place)

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        path = self.path.partition("?")[0]
        if path in self.server.special:
            return self.server.special[path](self)
        if path in self.server.files:
            return self.serve(self.server.files[path])
        return self.answer(404)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


class FileServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.files: dict[str, bytes] = {}
        self.special: dict[str, Callable[[Asked], None]] = {}
        self.asked: list[str] = []

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.server_address[1]}{path}"


@contextlib.contextmanager
def running() -> Iterator[FileServer]:
    with FileServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
