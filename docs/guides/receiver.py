"""A webhook receiver to start from: checks the signature, answers quickly, drops what it has seen.

Usage: receiver.py FILE; writes its address to FILE, reads the secret from FILE.secret, prints what arrives.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from standardwebhooks import Webhook, WebhookVerificationError

FILE = Path(sys.argv[1])
seen: set[str] = set()


class Receiver(BaseHTTPRequestHandler):
    """One request, one event."""

    def do_POST(self) -> None:
        """204 for what is genuine, seen before or not; 401 for what is not."""
        body = self.rfile.read(int(self.headers["content-length"]))
        secret = Path(f"{FILE}.secret").read_text().strip()
        try:
            Webhook(secret).verify(body, {name.lower(): value for name, value in self.headers.items()})
        except WebhookVerificationError:
            self.send_error(401)
            return
        if (message := self.headers["webhook-id"]) not in seen:
            seen.add(message)
            print("genuine:", json.loads(body)["type"], flush=True)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing of one's own."""


server = HTTPServer(("127.0.0.1", 0), Receiver)
FILE.write_text(f"http://127.0.0.1:{server.server_port}/")
server.serve_forever()
