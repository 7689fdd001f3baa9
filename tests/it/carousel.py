"""The data carousel of the documentation, submitted by the unmodified Python client: carousel.py URL RULE prints the id of the request."""
import logging
import os
import sys
import tempfile

logging.disable(logging.CRITICAL)
os.environ['IDDS_CLIENT_MODE'] = '1'
home = tempfile.TemporaryDirectory()
os.environ['HOME'] = home.name      # no configuration of the user's own
os.chdir(home.name)

from idds.atlas.workflowv2.atlasstageinwork import ATLASStageinWork
from idds.client.clientmanager import ClientManager
from idds.workflowv2.workflow import Workflow

url, rule = sys.argv[1:]
scope, name = 'data16_13TeV', 'data16_13TeV.00298862.physics_Main.daq.RAW'
work = ATLASStageinWork(primary_input_collection={'scope': scope, 'name': name},
                        output_collections={'scope': scope, 'name': name + '.idds.stagein'},
                        max_waiting_time=3600, src_rse='NDGF-T1_DATATAPE', dest_rse='NDGF-T1_DATADISK', rule_id=rule)
workflow = Workflow()
workflow.set_workload_id(20776840)
workflow.add_work(work)
print(ClientManager(host=url).submit(workflow))
