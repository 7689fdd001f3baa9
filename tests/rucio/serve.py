"""Makes the database of a Rucio, serves it, and then fulfils its rules: a line of standard input is a command.

`fill SCOPE NAME COUNT` adds a dataset of so many files on tape, which stays open until `close SCOPE NAME`; `add SCOPE NAME FROM COUNT`
adds files to it, and `judge` has rules take them in; `move` brings what rules ask for, by the conveyor with its mock transfer tool;
`suspend RULE` suspends a rule. Each command is answered by a line.
"""

import hashlib
import os
import sys
import threading
import traceback
import zlib

from werkzeug.serving import make_server

STATE, PORT = sys.argv[1], int(sys.argv[2])
TAPE, DISK = "NDGF-T1_DATATAPE", "NDGF-T1_DATADISK"


def make_database():
    from rucio.db.sqla.util import build_database, create_base_vo, create_root_account

    build_database()
    create_base_vo()
    create_root_account()


def serve():
    from rucio.web.rest.flaskapi.v1.main import application

    server = make_server("127.0.0.1", PORT, application, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def make_elements(client):
    for rse, kind, directory in ((TAPE, "TAPE", "tape"), (DISK, "DISK", "disk")):
        client.add_rse(rse, rse_type=kind, deterministic=True)
        may = {"read": 1, "write": 1, "delete": 1}
        wide = dict(may, third_party_copy_read=1, third_party_copy_write=1)
        client.add_protocol(rse, {
            "scheme": "file", "hostname": "localhost", "port": 0, "prefix": f"{STATE}/{directory}/",
            "impl": "rucio.rse.protocols.posix.Default", "domains": {"lan": may, "wan": wide},
        })
        client.set_local_account_limit("root", rse, -1)
    client.add_distance(TAPE, DISK, {"distance": 1})


def add(client, scope, name, first, count):
    files = []
    for number in range(first, first + count):
        file = f"{name}._{number:04d}.data"
        data = (file * 10).encode()
        digest = hashlib.md5(f"{scope}:{file}".encode()).hexdigest()
        folder = f"{STATE}/tape/{scope}/{digest[:2]}/{digest[2:4]}"
        os.makedirs(folder, exist_ok=True)
        with open(f"{folder}/{file}", "wb") as out:
            out.write(data)
        files.append({"scope": scope, "name": file, "bytes": len(data), "adler32": f"{zlib.adler32(data):08x}", "meta": {"events": 100}})
    client.add_replicas(TAPE, files)
    client.attach_dids(scope, name, [{"scope": scope, "name": file["name"]} for file in files])


def fill(client, scope, name, count):
    if scope not in client.list_scopes():
        client.add_scope("root", scope)
    client.add_dataset(scope, name)
    add(client, scope, name, 0, int(count))


def judge():
    from rucio.daemons.judge import evaluator

    evaluator.re_evaluator(once=True, did_limit=100, sleep_time=1)


def move():
    from rucio.daemons.conveyor import finisher, poller, submitter

    submitter.run(once=True, total_threads=1, partition_wait_time=0)
    poller.run(once=True, older_than=0, total_threads=1)
    finisher.run(once=True, total_threads=1)


def main():
    make_database()
    serve()
    from rucio.client import Client

    client = Client()
    make_elements(client)
    commands = {
        "fill": lambda *words: fill(client, *words),
        "add": lambda scope, name, first, count: add(client, scope, name, int(first), int(count)),
        "close": lambda scope, name: client.close(scope, name),
        "judge": judge,
        "move": move,
        "suspend": lambda rule: client.update_replication_rule(rule, {"state": "SUSPENDED"}),
    }
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # daemons print
    print("ready", file=out, flush=True)
    for line in sys.stdin:
        name, *words = line.split()
        try:
            commands[name](*words)
            print("ok", file=out, flush=True)
        except Exception as error:
            traceback.print_exc()
            print(f"failed: {type(error).__name__}: {error}".replace("\n", " "), file=out, flush=True)


main()
