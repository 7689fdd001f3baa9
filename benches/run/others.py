"""Runs as many programs as it is told with another system: others.py SIDE JOBS AT_ONCE; the last line is the seconds that it took.

The time begins when the system is ready to take jobs, where it has servers that are started before.
"""
import os
import subprocess
import sys
import time

side, jobs, at_once = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def hyperqueue():
    from hyperqueue import Job, LocalCluster
    from hyperqueue.cluster import WorkerConfig

    with LocalCluster(worker_config=WorkerConfig(cores=at_once)) as cluster:
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


print()
print({'hyperqueue': hyperqueue, 'snakemake': snakemake, 'parsl': parsl}[side](), flush=True)
