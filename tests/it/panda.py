"""Plays a PanDA server that relays to iDDS: prints its address, and serves until its input ends.

It packs every command that it gets with panda-client, too, and refuses one that is packed in another way. The call itself is
made by the client of the iDDS packages, as PanDA makes it.
"""

import gzip
import json
import logging
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

logging.disable(logging.WARNING)
os.environ["PANDA_BEHIND_REAL_LB"] = "yes"  # panda-client asks a name server otherwise
os.environ["PANDA_AUTH"] = "oidc"
os.environ["PANDA_AUTH_VO"] = "atlas"


class Panda(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = relay(self.path, self.headers, body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Panda)
address = f"http://127.0.0.1:{server.server_port}/server/panda"
os.environ["PANDA_URL_SSL"] = address
os.environ["PANDA_AUTH_ID_TOKEN"] = sys.argv[1]

from idds.client.client import Client  # noqa: E402
from idds.common.utils import json_dumps, json_loads  # noqa: E402
from pandaclient import Client as panda_client  # noqa: E402

packed = threading.local()


def keep(_, method, url, headers=None, content=None, **__):
    packed.request = (method, url, headers, content)
    return 0, b"[true, null]"


panda_client._HttpClient._send = keep


def unpacked(body):
    message = json.loads(gzip.decompress(body))
    if "kwargs" in message:
        message["kwargs"] = json.loads(message["kwargs"])
    return message


def relay(path, headers, body):
    message = unpacked(body)
    arguments = message.get("kwargs", {})
    panda_client.call_idds_command(message["command_name"], None, arguments, compress=True)
    method, url, expected, content = packed.request
    assert (method, url) == ("POST", address.removesuffix("/server/panda") + path), url
    assert unpacked(content) == message, message
    for name, value in expected.items():
        assert headers[name] == value, name
    name, host = message["command_name"].split("+")
    try:
        client = Client(host)
        if not hasattr(client, name):
            return json.dumps((False, f"{name} is not a command of iDDS {client.__class__.__name__}"))
        arguments = json_loads(json.dumps(arguments))
        client.set_original_user(user_name="CN=Ada Lovelace")
        result = getattr(client, name)(**arguments)
        try:
            return json.dumps((True, result))
        except Exception:
            return json_dumps((True, result))
    except Exception as error:
        return json.dumps((False, f"failed to execute command with {error}"))


threading.Thread(target=server.serve_forever, daemon=True).start()
print(address, flush=True)
sys.stdin.read()
