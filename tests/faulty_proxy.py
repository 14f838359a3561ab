"""A proxy before a real HTTP server that goes wrong as told: it drops answers, fails after success, delays, is down."""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOP = {"connection", "transfer-encoding", "keep-alive", "content-length"}
Fault = Callable[["Asked"], None]


@dataclass
class Asked:
    """A request on its way. A fault sets what becomes of it: `down` before it is forwarded, the others after."""

    method: str
    path: str
    down: bool = False
    drop: bool = False
    status: int = 0
    after: Callable[[], None] | None = None
    is_hit: bool = False


@dataclass
class FaultyProxy:
    """`faults` are asked in turn about each request. `seen` are the requests that came, `forwarded` those sent on."""

    url: str
    faults: list[Fault] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    forwarded: list[str] = field(default_factory=list)

    def once(self, method: str, path: str, **what) -> list[Asked]:
        """Let the next request of a method, whose path holds `path`, go wrong; the list fills when it has come."""
        hit: list[Asked] = []

        def fault(asked: Asked) -> None:
            if not (hit or asked.is_hit) and asked.method == method and path in asked.path:
                hit.append(asked)
                asked.is_hit = True
                for name, value in what.items():
                    setattr(asked, name, value)

        self.faults.append(fault)
        return hit

    def times(self, method: str, path: str) -> int:
        """Count the requests that were sent on."""
        return sum(one.startswith(f"{method} ") and path in one for one in self.forwarded)


@contextmanager
def proxy_before(target: str) -> Iterator[FaultyProxy]:
    """Run a proxy before a server for the block."""
    to = urlsplit(target)
    proxy = FaultyProxy("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            asked = Asked(self.command, self.path)
            proxy.seen.append(f"{self.command} {self.path}")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            for fault in list(proxy.faults):
                fault(asked)
            if asked.down:
                self.hang_up()
                return
            upstream = http.client.HTTPConnection(to.hostname or "", to.port, timeout=120)
            kept = {key: value for key, value in self.headers.items() if key.lower() not in HOP}
            upstream.request(self.command, self.path, body or None, kept)
            answer = upstream.getresponse()
            content = answer.read()
            proxy.forwarded.append(f"{self.command} {self.path}")
            upstream.close()
            if asked.after is not None:
                asked.after()
            if asked.drop:
                self.hang_up()
                return
            self.answer(asked, answer, content)

        def answer(self, asked: Asked, answer: http.client.HTTPResponse, content: bytes) -> None:
            try:
                if asked.status:
                    content = b"<html><h1>Gateway trouble</h1></html>"
                    self.send_response(asked.status)
                    self.send_header("Content-Type", "text/html")
                else:
                    self.send_response(answer.status)
                    for key, value in answer.getheaders():
                        if key.lower() not in HOP:
                            self.send_header(key, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                self.close_connection = True  # whoever asked has gone

        def hang_up(self) -> None:
            self.close_connection = True
            self.connection.close()

        def log_message(self, *_: object) -> None:
            pass

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_any

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        proxy.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield proxy
        server.shutdown()
        thread.join()
