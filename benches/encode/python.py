"""The Python side of the benchmark: python.py WORKS independent|chain

Prints the seconds to build the workflow, the seconds of json_dumps, the bytes, and the memory that json_dumps added at its peak.
"""
import logging
import os
import resource
import sys
import time

os.environ['IDDS_CLIENT_MODE'] = '1'
logging.disable(logging.CRITICAL)
from idds.common.utils import json_dumps  # noqa: E402
from idds.workflowv2.work import Work  # noqa: E402
from idds.workflowv2.workflow import Condition, Workflow  # noqa: E402

works, shape = int(sys.argv[1]), sys.argv[2]
start = time.perf_counter()
workflow = Workflow(name='bench')
before = None
for index in range(works):
    work = Work(executable='/bin/hostname', arguments='--index={index}',
                primary_input_collection={'scope': 'data', 'name': 'pseudo_input'},
                output_collections=[{'scope': 'data', 'name': 'pseudo_output'}])
    workflow.add_work(work)
    if shape == 'chain' and before is not None:
        workflow.add_condition(Condition(cond=before.is_finished, true_work=work))
    before = work
built = time.perf_counter()
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
text = json_dumps(workflow)
encoded = time.perf_counter()
print(built - start, encoded - built, len(text), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) * 1024)
