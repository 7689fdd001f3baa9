"""Runs as many programs as it is told with another system: others.py SIDE JOBS AT_ONCE

The last line says the seconds that it took, and the processor time of everything: servers, workers and programs. The time begins when the
system is ready to take jobs, where it has servers that are started before; the processor time has no such beginning.
"""
import contextlib
import ctypes
import os
import resource
import subprocess
import sys
import time

side, jobs, at_once = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def hyperqueue():
    from hyperqueue import Job, LocalCluster
    from hyperqueue.cluster import WorkerConfig

    with LocalCluster() as cluster:
        cluster.start_worker(WorkerConfig(cores=at_once))
        client = cluster.client()
        start = time.time()
        job = Job()
        for _ in range(jobs):
            job.program(['/bin/true'], stdout=None, stderr=None)
        client.wait_for_jobs([client.submit(job)])
        return time.time() - start


def snakemake():
    with open('Snakefile', 'w') as out:
        out.write('rule all:\n    input: expand("out/{n}", n=range(%d))\n' % jobs)
        out.write('rule one:\n    output: touch("out/{n}")\n    shell: "/bin/true"\n')
    start = time.time()
    program = os.path.join(os.path.dirname(sys.executable), 'snakemake')
    subprocess.run([program, '--cores', str(at_once), '--quiet', 'all'], check=True, stdout=subprocess.DEVNULL)
    return time.time() - start


def parsl():
    import parsl as it
    from parsl.config import Config
    from parsl.executors import HighThroughputExecutor
    from parsl.providers import LocalProvider

    os.environ['PATH'] = os.path.dirname(sys.executable) + ':' + os.environ.get('PATH', '')
    executor = HighThroughputExecutor(max_workers_per_node=at_once, provider=LocalProvider(init_blocks=1, max_blocks=1))
    with it.load(Config(executors=[executor])):
        @it.bash_app
        def one(stdout=None):
            return '/bin/true'
        one().result()
        start = time.time()
        for future in [one() for _ in range(jobs)]:
            future.result()
        return time.time() - start


def used():
    """Returns the processor time of this process, and of all that has ended below it."""
    return sum(
        time
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        for time in resource.getrusage(who)[:2]
    )


# What is left behind becomes a child of this process, so that its time is counted (PR_SET_CHILD_SUBREAPER).
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
print()
seconds = {'hyperqueue': hyperqueue, 'snakemake': snakemake, 'parsl': parsl}[side]()
until = time.time() + 20
with contextlib.suppress(ChildProcessError):
    while time.time() < until and os.waitpid(-1, os.WNOHANG) is not None:
        time.sleep(.05)
print(seconds, used(), flush=True)
