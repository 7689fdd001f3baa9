"""The Python side of the benchmark: python.py HOST IN_FLIGHT SECONDS

Pings with so many ClientManagers, each in a thread of its own. Prints the calls and the seconds of CPU.
"""
import logging
import os
import resource
import sys
import tempfile
import threading
import time
import warnings

warnings.filterwarnings('ignore')
logging.disable(logging.CRITICAL)
os.environ.update(IDDS_CLIENT_MODE='1', IDDS_AUTH_TYPE='oidc', IDDS_OIDC_TOKEN='none', IDDS_VO='test')
os.environ['HOME'] = tempfile.mkdtemp()
from idds.client.clientmanager import ClientManager  # noqa: E402

host, in_flight, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
clients = [ClientManager(host=host) for _ in range(in_flight)]
for client in clients:
    client.ping()
calls = [0] * in_flight


def run(index):
    while time.perf_counter() < end:
        clients[index].ping()
        calls[index] += 1


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


before = cpu()
end = time.perf_counter() + seconds
threads = [threading.Thread(target=run, args=(index,)) for index in range(in_flight)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(calls), cpu() - before)
