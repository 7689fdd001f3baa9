"""What the real ClientManager can do with the embedded server only: python_cacher.py URL.

It sends no certificate with files, and `None` for missing ids of messages; the real server takes neither.
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
    client = ClientManager(host=sys.argv[1])
    path = os.path.join(home, 'points.csv')
    content = 'x,y\n1,é\n' * 1000
    with open(path, 'w') as file:
        file.write(content)
    assert client.upload_to_cacher(path) == sys.argv[1] + '/cacher/points.csv'
    print('uploaded')
    os.remove(path)
    client.download_from_cacher(path)
    with open(path) as file:
        print('downloaded the same' if file.read() == content else 'downloaded something else')
    client.setup_client()
    client.client.get_request_response(sys.argv[1] + '/message/7/null/null/null', type='POST', data={'hello': 'world'})
    print(client.get_messages(request_id=7))
    client.send_messages(request_id=8, msgs=[{'headers': {}}, 5])
    print(client.get_messages(request_id=8))
    print(client.setup_json_outputs() is None and client.ping() is not None)
