"""Uses every area of the real ClientManager and prints what it says, without what is new in every run.

python_client.py URL: the environment says how to sign in. Ids, times and points are left out.
"""
import contextlib
import io
import json
import logging
import os
import re
import sys
import tarfile
import tempfile
import time
import uuid
import warnings

warnings.filterwarnings('ignore')
logging.disable(logging.CRITICAL)
os.environ['IDDS_CLIENT_MODE'] = '1'
home = tempfile.TemporaryDirectory()
os.environ['HOME'] = home.name      # no configuration of the user's own
os.chdir(home.name)

from idds.atlas.workflowv2.atlashpowork import ATLASHPOWork
from idds.client.clientmanager import ClientManager
from idds.common import exceptions
from idds.common.constants import RequestStatus, RequestType, TransformStatus, TransformType
from idds.iworkflow.workflow import Workflow as Program
from idds.workflowv2.work import Work
from idds.workflowv2.workflow import Workflow

url = sys.argv[1]
client = ClientManager(host=url)
names = []


def plain(value):
    """Returns a value as JSON can say it, with words in place of what is new in every run."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (bool, int, float)) or value is None:
        return value
    text = str(value)
    for name in names:
        text = text.replace(name, '<name>')
    return re.sub(r'hpo\.[0-9_]+', 'hpo.<time>', text)


def table(text):
    """Returns a table without its ids; the width of its columns hangs on them."""
    text = re.sub(r'(?<![\w./[])[0-9]+(?![\w./\]])', '<id>', plain(text))
    return re.sub('--+', '--', re.sub('  +', '  ', text))


def show(what, value):
    print(json.dumps({what: plain(value)}, sort_keys=True))


def search(max_points):
    work = ATLASHPOWork(executable=None, arguments=None, method='nevergrad', max_points=max_points,
                        num_points_per_iteration=2, initial_points=None,
                        opt_space={'A': {'type': 'Choice', 'params': {'choices': [1, 4]}},
                                   'B': {'type': 'Scalar', 'bounds': [0, 5]}}, exec_type='local')
    # The server cannot run a work without these.
    work.task_name, work.output_json, work.es = 'hpo', 'idds_output.json', True
    workflow = Workflow()
    workflow.name = f'python.{uuid.uuid4()}'
    workflow.set_workload_id(uuid.uuid4().int % 1000000000 + 1000000000)
    workflow.add_work(work)
    return workflow


def submit(max_points):
    workflow = search(max_points)
    names.append(workflow.name)
    return client.submit(workflow), workflow


def wait(ask, is_as_wanted, seconds=180):
    end = time.time() + seconds
    while True:
        answer = ask()
        if is_as_wanted(answer):
            return answer
        if time.time() > end:
            raise TimeoutError(f'still {answer}')
        time.sleep(0.2)


def points(request):
    return wait(lambda: client.get_hyperparameters(None, request_id=request), len)


def status(request, name, seconds=180):
    wait(lambda: client.get_requests(request_id=request)[0]['status'].name, lambda status: status == name, seconds)


def tell(command, request, name):
    """Tells the server to end a request, and again if need be: it loses a command when an agent has locked the request."""
    answer = command(request_id=request)
    for _ in range(4):
        try:
            status(request, name, seconds=30)
            return answer
        except TimeoutError as late:
            if str(late) != 'still Transforming':
                raise
            command(request_id=request)
    raise SystemExit(f'request {request} does not become {name}')


def refusal(request):
    """Waits for the refusal of an abort, which may have been lost as well."""
    for _ in range(4):
        try:
            return wait(lambda: client.get_requests(request_id=request)[0]['errors'], bool, seconds=30)
        except TimeoutError:
            client.abort(request_id=request)
    raise SystemExit(f'the abort of request {request} is not refused')


def shape(points):
    return [{**point, 'parameters': sorted(point['parameters'])} for point in points]


show('ping', client.ping())
request, workflow = submit(2)
show('submit', request > 0)
show('get_request_id_by_name', client.get_request_id_by_name(workflow.name) == {workflow.name: request})
show('get_hyperparameters', shape(points(request)))
show('get_status', table(client.get_status(request_id=request)))
show('get_requests', [[row['request_id'] == request, row['status'].name] for row in client.get_requests(request_id=request)])
show('update_hyperparameter', client.update_hyperparameter(None, request, '1', 0.5))
show('update by workload', client.update_hyperparameter(workflow.get_workload_id(), request, '2', 1e-07))
show('update unknown', client.update_hyperparameter(None, request, '9', 1)[0])
show('losses', shape(points(request)))
show('one point', shape(client.get_hyperparameters(None, request_id=request, id='1')))
status(request, 'Finished')
transform = client.client.get_transforms(request_id=request)[0]['transform_id']
show('get_status of a finished request', table(client.get_status(request_id=request)))
# The server counts the files of a collection some time after the request has finished.
wait(lambda: client.get_status(request_id=request, with_detail=True), lambda text: 'Finished[2/2/0]' in text)
show('get_status with detail', table(client.get_status(request_id=request, with_detail=True)))
show('get_transforms', client.get_transforms(request_id=request)[0])
show('transforms', [[row['request_id'] == request, row['status'].name, row['workload_id'] == workflow.get_workload_id()]
                    for row in client.client.get_transforms(request_id=request)])
show('get_transform', client.get_transform(request_id=request, transform_id=transform)['status'].name)
collections = client.get_collections(request_id=request)
show('get_collections', [[row['scope'], row['name'], row['relation_type'].name] for row in collections])
contents = client.get_contents(request_id=request, relation_type=1)
show('get_contents', [[row['name'], row['status'].name, json.loads(row['path'])[1]] for row in contents])
of_jobs = client.get_contents_output_ext(request_id=request)
show('get_contents_output_ext', [[row['name'], row['status']] for rows in of_jobs.values() for row in rows])

result = {'headers': {'channel': 'asyncresult'}, 'body': [1, 2]}
show('send_messages', client.send_messages(request_id=request, transform_id=transform, internal_id='abcd1234', msgs=result))
show('get_messages', client.get_messages(request_id=request, transform_id=transform, internal_id='abcd1234'))
show('send_messages of another form', client.send_messages(request_id=request, msgs={'hello': 'world'})[0])

show('abort of a finished request', client.abort(request_id=request))
show('refusal', refusal(request))
show('retry of a finished request', client.retry(request_id=request))
show('abort of an unknown request', client.abort(request_id=99999999))
show('abort_task', client.abort_task(request_id=request, task_id=1)[0])
second, workflow = submit(2)
points(second)
show('loss', client.update_hyperparameter(None, second, '1', 0.0))
show('abort', tell(client.abort, second, 'SubFinished'))
show('get_status of an aborted request', table(client.get_status(request_id=second)))
third, workflow = submit(2)
points(third)
show('close', tell(client.close, third, 'Failed'))
show('get_status of a closed request', table(client.get_status(request_id=third)))

with contextlib.redirect_stdout(io.StringIO()):
    archive = client.download_logs(request_id=request, dest_dir=home.name, filename='logs.tar.gz')
show('download_logs', bool(archive))
with tarfile.open(os.path.join(home.name, 'logs.tar.gz')) as logs:
    steering = sorted(name for name in logs.getnames() if name.endswith('.json'))
    show('logs', [re.sub('[0-9]+', '<n>', name) for name in steering])
    texts = [json.load(logs.extractfile(name)) for name in logs.getnames() if name.endswith('_input.json')]
    show('input of the steering', texts)
show('download_logs of an unknown request', client.download_logs(request_id=99999999, dest_dir=home.name)[0])
show('get_metainfo', client.get_metainfo('nothing'))

build = Work(executable='build')
build.task_name = 'build'
workflow = Workflow()
workflow.add_work(build)
fourth = client.submit_build(workflow)
show('update_build_request with another signature', client.update_build_request(fourth, 'another', workflow)[0])
answer = client.update_build_request(fourth, build.get_signature(), workflow)
show('update_build_request', answer == {'request_id': str(fourth)})


def main():
    """A program whose works are transforms of its request."""


program = Program(func=main, service='idds')
fifth = client.client.add_request(
    scope='program', name=program.name, requester='panda', request_type=RequestType.iWorkflow, transform_tag='workflow',
    status=RequestStatus.Suspended, request_metadata={'version': '2.6.21', 'workload_id': None, 'workflow': program})


def add_transform(token, **others):
    try:
        added = client.client.add_transform(
            fifth, token=token, transform_type=TransformType.iWork, status=TransformStatus.Suspended,
            transform_metadata={'a': 1}, **others)
        row = client.get_transform(request_id=fifth, transform_id=added)
        return [row['name'], row['status'].name, row['transform_type'].name, row['transform_metadata'], row['priority']]
    except exceptions.IDDSException as error:
        return type(error).__name__


show('add_transform', add_transform(program.token, workload_id=None, name='first', internal_id='abc', priority=None))
show('add_transform without a workload', add_transform(program.token))
show('add_transform with another token', add_transform('another', workload_id=None))
show('add_transform with an unknown key', add_transform(program.token, workload_id=None, surprise=1))
show('get_transforms of a program', len(client.client.get_transforms(request_id=fifth)))
