#!/usr/bin/env python3
"""What the real iDDS package takes for each number of each class: amounts.py

Each number is given to the constructor and, in another work, assigned to the attribute; what is made of it is sent, loaded as the
server does, and used as the agent uses it to make a processing. Prints a line of JSON for each that goes through all of it:
{"class": name, "setting": name, "value": any, "is_assigned": bool, "payload": text of a workflow with that work}.
"""
import importlib
import json
import sys

sys.dont_write_bytecode = True
import decode  # noqa: E402

VALUES = [7, 7.0, 7.5, 3073.5, 0, 0.0, -3, 2 ** 40, '7', '', None, True, False]
COLLECTIONS = {'primary_input_collection': {'scope': 's', 'name': 'in'},
               'output_collections': {'scope': 's', 'name': 'out'}}
INPUT = {'primary_input_collection': {'scope': 's', 'name': 'in'}}
TASK = {'task_name': 't', 'executable': 'run.sh', 'task_queue': 'q'}
TASK_NUMBERS = ['maxwalltime', 'maxattempt', 'core_count', 'num_retries', 'task_priority', 'task_rss']
CASES = [
    ('idds.doma.workflowv2.domapandawork', 'DomaPanDAWork', TASK,
     TASK_NUMBERS + ['task_rss_retry_offset', 'task_rss_retry_step', 'task_rss_max', 'max_events_per_job', 'max_name_length']),
    ('idds.doma.workflowv2.domapandaeswork', 'DomaPanDAESWork', TASK, TASK_NUMBERS),
    ('idds.atlas.workflowv2.atlaspandawork', 'ATLASPandaWork', {'task_parameters': {'taskName': 't'}}, ['num_retries']),
    ('idds.atlas.workflowv2.atlaslocalpandawork', 'ATLASLocalPandaWork', {'task_parameters': {'taskName': 't'}},
     ['num_retries']),
    ('idds.atlas.workflowv2.atlasstageinwork', 'ATLASStageinWork', COLLECTIONS, ['max_waiting_time']),
    ('idds.doma.workflowv2.domadatawork', 'DomaDataWork', INPUT, ['max_waiting_time']),
    ('idds.doma.workflowv2.domaruciowork', 'DomaRucioWork', INPUT, ['max_waiting_time']),
    ('idds.atlas.workflowv2.atlashpowork', 'ATLASHPOWork', {}, ['max_points', 'num_points_per_iteration']),
]
ATTRIBUTES = {'maxwalltime': 'maxWalltime', 'maxattempt': 'maxAttempt'}
JOB = {'name': 'j', 'order_id': 0, 'dependencies': [{'task': 't', 'inputname': 'x', 'available': False}]}


def made(cls, required, setting, value, is_assigned):
    if is_assigned:
        work = cls(**required)
        setattr(work, ATTRIBUTES.get(setting, setting), value)
    else:
        work = cls(**required, **{setting: value})
    if cls.__name__ == 'DomaPanDAWork':
        work.dependency_map = [dict(JOB)]
    return work


def used(work):
    """Does with the numbers what the agents do."""
    if hasattr(work, 'num_points_per_iteration'):
        # The counts of all generations are arguments of the steering program, which reads integers; the last one is what is left.
        counts = [work.points_to_generate]
        if work.max_points:
            counts += [work.max_points, work.max_points % work.num_points_per_iteration]
        for count in counts:
            int(str(count))
    if hasattr(work, 'maxAttempt') and work.maxAttempt:
        int(work.maxAttempt)
    work.create_processing([])


def payload(work):
    from idds.workflowv2.workflow import Workflow
    workflow = Workflow(name='numbers')
    workflow.add_work(work)
    return decode.json_dumps(workflow)


decode.load_package()
for module, name, required, settings in CASES:
    cls = getattr(importlib.import_module(module), name)
    for setting in settings:
        for value in VALUES:
            # The constructor of a search counts with its numbers; what is assigned later is not the same search.
            for is_assigned in [False] if name == 'ATLASHPOWork' else [False, True]:
                try:
                    text = payload(made(cls, required, setting, value, is_assigned))
                    workflow = decode.server_cycle(text)
                    used(decode.flat_works(workflow)[0])
                except Exception:
                    continue
                print(json.dumps({'class': name, 'setting': setting, 'value': value, 'is_assigned': is_assigned,
                                  'payload': text}))
