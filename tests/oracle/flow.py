#!/usr/bin/env python3
"""Plays workflows with the Workflow class of the real iDDS package: flow.py [--as-written] <FILE; flow.py --repairs

Each line of standard input is a JSON object {"workflow": text of a workflow, "script": [what happens, ...], "repairs": [[name, ...],
...]}. What happens is {"ended": key of a run, "status": name, "output": {...}}, {"asked": "Abort"} or {"asked": "Retry"}; the
workflow begins before that. A line is printed for each: a JSON list with what the package does with each of these lists of
repairs: {"steps": [{"starts": [...], "status": name or null, "where": {key: status}}, ...], "error": text or null}.

A start is {"run": key, "outputs": names, "input": name, "parameters": ..., "set": {attribute: value}}. A key has
the ids of the workflows around a work and of the work, with slashes between, and the number of the round where there is a loop.

REPAIRS are the places where 2.6.21 does not do what its own classes say. Each is the least change of the package that does;
`--repairs` prints them as JSON.

What the package only writes down for a database is left out, and what it computes again and again is kept, as it takes four fifths of the
time otherwise; `--as-written` leaves nothing out.
"""
import functools
import json
import logging
import sys

sys.dont_write_bytecode = True
import decode  # noqa: E402

decode.load_package()
from idds.common.constants import WorkStatus  # noqa: E402
from idds.common.dict_class import DictBase  # noqa: E402
from idds.doma.workflowv2.domapandawork import DomaPanDAWork  # noqa: E402
from idds.workflowv2 import work as works, workflow as workflows  # noqa: E402

logging.disable(logging.CRITICAL)
Base, Workflow, Condition = workflows.WorkflowBase, workflows.Workflow, workflows.CompositeCondition

REPAIRS = []
active = set()
root = None


def repair(where, wrong, instead):
    """Registers a function that takes the original one as the replacement of `where` while its name is active."""
    owner, attribute = where

    def register(function):
        name = function.__name__.replace('_', ' ')
        old = getattr(owner, attribute)

        def replacement(self, *arguments, **named):
            if name not in active:
                return old(self, *arguments, **named)
            return function(old, self, *arguments, **named)
        setattr(owner, attribute, replacement)
        if not any(r['name'] == name for r in REPAIRS):
            REPAIRS.append({'name': name, 'wrong': wrong, 'instead': instead})
        return function
    return register


@repair((Base, 'get_new_work_to_run'),
        'a work that two conditions lead to is counted each time one of them begins to hold; more works have started than exist then, '
        'and the workflow, or the loop, never ends',
        'a work starts once in a run')
def started_twice(old, self, work_id, new_parameters=None):
    if work_id in self.work_sequence.values():
        return self.works[work_id]
    return old(self, work_id, new_parameters)


@repair((Base, 'order_independent_works'),
        'a sub-workflow that no condition leads to fails with "\'Workflow\' object has no attribute \'get_ancestry_works\'", and nothing '
        'of the workflow ever starts',
        'it starts at once, as works that no condition leads to')
def sub_workflow_at_once(old, self):
    Workflow.get_ancestry_works = lambda self: []
    Workflow.internal_id = property(lambda self: self.get_internal_id())
    Workflow.parent_internal_id = None
    try:
        return old(self)
    finally:
        del Workflow.get_ancestry_works, Workflow.internal_id, Workflow.parent_internal_id


@repair((Workflow, 'add_next_work'),
        'a condition that asks about a sub-workflow and holds before that has begun fails with "There are no runs. It should not have next '
        'work", in the middle of what it starts',
        'what the condition leads to starts')
def next_of_what_has_not_begun(old, self, work_id):
    if self.runs:
        old(self, work_id)


@repair((Condition, 'load_conditions'),
        'a condition that is asked by another one is not loaded: it is always true',
        'it is asked')
def condition_on_a_condition(old, self, works):
    for member in self.conditions:
        inner = member.get('idds_method_condition') if isinstance(member, dict) else getattr(member, '__self__', None)
        if isinstance(inner, Condition):
            inner.load_conditions(works)
    return old(self, works)


@repair((Workflow, 'get_all_works'),
        'each look at the works of a sub-workflow appends the number of the run to the names of their outputs once more, so that a name depends '
        'on how often the agents have looked',
        'it is appended once')
def names_that_grow(old, self, synchronize=True):
    if synchronize:
        self.sync_works(to_cancel=self.to_cancel)
    return self.runs[str(self.num_run)].get_all_works(synchronize=False) if self.runs else []


@repair((Workflow, 'is_terminated'),
        'a loop that is aborted while its condition holds never ends',
        'it ends with the works that run')
def aborted_loop(old, self, synchronize=True):
    if self.to_cancel and self.runs:
        return self.runs[str(self.num_run)].is_terminated(synchronize=synchronize)
    return old(self, synchronize=synchronize)


@repair((Base, 'is_expired'),
        'a workflow whose works are Expired is in no state that counts unless it was the whole request that expired: it never ends',
        'it is Expired')
def expired_works(old, self, synchronize=True):
    return self.is_terminated(synchronize=synchronize) and (self.expired or self.num_expired_works > 0)


@repair((Base, 'is_cancelled'),
        'a sub-workflow that a condition begins in a workflow that is being aborted has ended at once, and says Transforming for ever',
        'it is Cancelled')
def begun_in_an_abort(old, self, synchronize=True):
    counted = (self.num_finished_works + self.num_subfinished_works + self.num_failed_works + self.num_expired_works
               + self.num_cancelled_works + self.num_suspended_works)
    return old(self, synchronize=synchronize) or (
        self.to_cancel and not counted and self.is_terminated(synchronize=synchronize))


@repair((Base, 'set_source_parameters'),
        'a link from a work in a sub-workflow to one outside of it passes nothing, as only the workflow of the source and those inside it are '
        'searched for the link',
        'it passes what it names')
def link_out_of_a_sub_workflow(old, self, internal_id):
    for link_id in self.parameter_links_source.get(internal_id, []):
        for workflow, link in root.find_parameter_links_from_id(link_id):
            link.set_parameters(self.works[internal_id])
            workflow.refresh_parameter_links()


@repair((Workflow, 'sync_works'),
        'the values of links are copied from one round of a loop to the next, but not loaded there, so that the first works of a round get '
        'nothing of the round before',
        'they get it')
def link_to_the_next_round(old, self, to_cancel=False):
    before = self._num_run
    old(self, to_cancel=to_cancel)
    if before and self._num_run != before:
        run = self.runs[str(self._num_run)]
        if run.get_metadata_item('parameter_links'):
            run.load_parameter_links()


@repair((workflows.ParameterLink, '__init__'),
        'no parameter link can be loaded: "ParameterLink.__init__() missing 1 required positional argument", and the whole workflow is '
        'refused',
        'it is loaded')
def parameter_link(old, self, parameters=None):
    old(self, parameters)


@repair((DomaPanDAWork, 'get_ancestry_works'),
        'a work whose jobs wait for a task that no work has fails with a KeyError, and nothing of the workflow ever starts',
        'it starts, and those of its jobs wait; the plan names them')
def unknown_task(old, self):
    known = {work.task_name for work in decode.flat_works(root) if hasattr(work, 'task_name')}
    return [name for name in old(self) if name in known]


@repair((Workflow, 'get_build_work'),
        'a workflow with a build work fails with "\'WorkflowBase\' object has no attribute \'sign\'", as the workflow is copied in the place '
        'of that work',
        'the build work runs first; the others start when it is Finished, and the workflow is Failed when it ends otherwise')
def build_work(old, self):
    if self.build_work is None and self.template.get_build_work() is not None:
        self.build_work = self.template.get_build_work().copy()
    return self.build_work


@repair((Workflow, 'get_status'), '', '')
def build_work(old, self):  # noqa: F811
    build = self.get_build_work()
    if build is not None and build.is_terminated() and not build.is_finished():
        return WorkStatus.Failed
    return old(self)


@repair((Workflow, 'get_new_works'),
        'a workflow that is aborted while its build work runs starts its first works when that comes to Finished all the same',
        'nothing starts, and it is Cancelled')
def build_that_outlives_an_abort(old, self, synchronize=True):
    return [] if is_over_before_it_began(self) else old(self, synchronize=synchronize)


@repair((Workflow, 'is_terminated'), '', '')
def build_that_outlives_an_abort(old, self, synchronize=True):  # noqa: F811
    return is_over_before_it_began(self) or old(self, synchronize=synchronize)


@repair((Workflow, 'get_status'), '', '')
def build_that_outlives_an_abort(old, self):  # noqa: F811
    return WorkStatus.Cancelled if is_over_before_it_began(self) else old(self)


def is_over_before_it_began(workflow):
    """Tells whether a workflow was aborted before its build work was Finished."""
    build = workflow.get_build_work()
    run = workflow.runs.get(str(workflow.num_run)) if workflow.runs else None
    return bool(workflow.to_cancel and build is not None and build.is_finished() and not (run and run.num_total_works))


def hurry():
    """Replaces what costs time and decides nothing."""
    def get_metadata_item(self, key, default=None):
        return self._metadata.__dict__.get(key, default)
    DictBase.get_metadata_item = get_metadata_item

    # It copies the state of works to where it is stored, which nothing here reads.
    refresh_works = Base.refresh_works
    Base.refresh_works = lambda self, clean=False: refresh_works(self, clean) if clean else None

    for module in (works, workflows):
        module.str_to_date = functools.lru_cache(10_000)(module.str_to_date)
    members = WorkStatus._value2member_map_

    def state(name):
        def read(self):
            value = self._metadata.__dict__.get(name, WorkStatus.New)
            return members[value] if type(value) is int else value
        return property(read, getattr(works.Work, name).fset)
    works.Work.status, works.Work.substatus = state('status'), state('substatus')

    # Nobody reads what is logged; what is computed for it is computed before.
    for owner in (Base, Workflow, Condition):
        owner.log_info = owner.log_debug = lambda self, text: None


def all_runs(workflow, around=()):
    """All works of the runs that are under way, with their keys; sub-workflows too."""
    build = workflow.get_build_work()
    if build is not None and not around:
        yield build.get_internal_id(), build
    if not workflow.runs:
        if build is not None and not around:
            number = '.1' if workflow.template.has_loop_condition() else ''
            yield from ((work_id + number, work) for work_id, work in workflow.template.works.items())
        return
    run = workflow.runs[str(workflow.num_run)]
    number = '.%s' % workflow.num_run if run.has_loop_condition() else ''
    for work_id, work in run.works.items():
        key = around + (work_id + number,)
        yield '/'.join(key), work
        if isinstance(work, Workflow):
            yield from all_runs(work, key)


SHOWN = ['setup', 'arguments', 'executable', 'user_a', 'user_b', 'user_one']


def started(work, key):
    source = work.primary_input_collection
    return {'run': key,
            'outputs': [c.name for c in work.output_collections],
            'input': source.name if source else None,
            'parameters': work.parameters,
            'set': {name: getattr(work, name, None) for name in SHOWN}}


def settle(workflow):
    """Starts what the package asks for until it asks for nothing more."""
    starts, quiet = [], 0
    while quiet < 2:
        new = workflow.get_new_works()
        new = [new] if isinstance(new, works.Work) else list(new)
        quiet = quiet + 1 if not new else 0
        keys = {id(work): key for key, work in all_runs(workflow)}
        for work in new:
            starts.append(started(work, keys[id(work)]))
        for work in new:
            if work.status == WorkStatus.New:
                work.set_work_id(len(starts), transforming=True)
                work.status, work.started, work.submitted = WorkStatus.Transforming, True, True
        if len(starts) > 500:
            raise Exception('it starts works for ever')
    return starts


def happen(workflow, event):
    found = dict(all_runs(workflow))
    if 'ended' in event:
        work = found.get(event['ended'])
        if work is None:
            raise Exception('there is no work %s' % event['ended'])
        work.output_data = event['output']
        work.status = WorkStatus[event['status']]
    elif event['asked'] == 'Abort':
        workflow.to_cancel = True
    elif event['asked'] == 'Retry':
        done = [w for w in found.values() if isinstance(w, works.Work) and w.status == WorkStatus.Finished]
        build = workflow.get_build_work()
        if build is not None and not build.is_finished():
            build.status = WorkStatus.Transforming
        workflow.resume_works()
        for work in done:
            work.status = WorkStatus.Finished


def play(text, script, names):
    global active, root
    active, steps, error = set(names), [], None
    try:
        root = workflow = decode.json_loads(text)
        for event in [None] + script:
            if event is not None:
                happen(workflow, event)
            starts = settle(workflow)
            status = workflow.get_status().name if workflow.is_terminated() else None
            where = {key: work.get_status().name for key, work in all_runs(workflow)}
            steps.append({'starts': starts, 'status': status, 'where': where})
    except Exception as problem:
        error = '%s: %s' % (type(problem).__name__, problem)
    return {'steps': steps, 'error': error}


if __name__ == '__main__':
    if sys.argv[1:] == ['--repairs']:
        print(json.dumps(REPAIRS))
        sys.exit(0)
    if sys.argv[1:] != ['--as-written']:
        hurry()
    for line in sys.stdin:
        case = json.loads(line)
        answer = [play(case['workflow'], case['script'], names) for names in case['repairs']]
        print(json.dumps(answer), flush=True)
