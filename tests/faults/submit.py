"""Submits one workflow to each address with the real Python client: submit.py (ADDRESS WORKLOAD_ID)...

Prints a line for each: what ClientManager.submit returned, as JSON text. The pauses between its attempts are left out.
"""
import json
import logging
import os
import sys
import tempfile
import time
import warnings

warnings.filterwarnings('ignore')
logging.disable(logging.CRITICAL)
os.environ['IDDS_CLIENT_MODE'] = '1'
time.sleep = lambda seconds: None

with tempfile.TemporaryDirectory() as home:
    os.environ['HOME'] = home      # no configuration of the user's own
    from idds.client.clientmanager import ClientManager
    from idds.workflowv2.work import Work
    from idds.workflowv2.workflow import Workflow
    for host, workload_id in zip(sys.argv[1::2], sys.argv[2::2]):
        workflow = Workflow()
        workflow.set_workload_id(int(workload_id))
        workflow.add_work(Work(executable='/bin/true'))
        try:
            result = ClientManager(host=host).submit(workflow)
        except Exception as error:
            result = f'raised {type(error).__name__}'
        print(json.dumps(str(result)), flush=True)
