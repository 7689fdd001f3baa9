"""What the real Python client says: client.py EXPRESSION prints the expression over `client`, a ClientManager.

    . target/real-server/env; $IDDS_TEST_PYTHON tests/real-server/client.py 'client.get_status(request_id=1)'
"""
import logging
import os
import sys
import tempfile
import warnings

warnings.filterwarnings('ignore')
logging.disable(logging.CRITICAL)
os.environ['IDDS_CLIENT_MODE'] = '1'

with tempfile.TemporaryDirectory() as home:
    os.environ['HOME'] = home      # no configuration of the user's own
    from idds.client.clientmanager import ClientManager
    client = ClientManager(host=os.environ['IDDS_HOST'])
    print(eval(sys.argv[1]))
