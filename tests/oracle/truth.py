#!/usr/bin/env python3
"""What the real iDDS package makes of many workflows: truth.py <FILE

Each line of standard input is a JSON object {"payload": text of a workflow, "states": [[state of each work], ...],
"is_run": whether the request agent is to run it, too}; a state is
{"status": name, "started": bool, "transforming": bool, "output": {...}}, works are in the order of the payload, those of
sub-workflows in the place of these. Prints a line for each: {"truths": [[bool of each condition], ...]} in the order of the
payload (a condition, then those in its branches; a loop condition after the conditions of its workflow; then sub-workflows),
or {"error": text} when the package cannot load the workflow or its request agent cannot run it as it is.
"""
import json
import sys

sys.dont_write_bytecode = True
import decode  # noqa: E402


def tree(condition):
    inner = [c for c in condition.true_works + condition.false_works if hasattr(c, 'is_condition_true')]
    return [condition] + [c for i in inner for c in tree(i)]


def conditions(workflow):
    template = workflow.template
    found = [c.get_cond_status for condition in template.conditions.values() for c in tree(condition)]
    if template.has_loop_condition():
        found.append(template.get_loop_condition_status)
    for step in template.works.values():
        if decode.is_workflow(step):
            found += conditions(step)
    return found


def truths(text, states):
    from idds.common.constants import WorkStatus
    workflow = decode.server_cycle(text)
    works, asked, answer = decode.flat_works(workflow), conditions(workflow), []
    for state in states:
        for work, is_now in zip(works, state, strict=True):
            work.status = work.substatus = WorkStatus[is_now['status']]
            work.started = work.submitted = is_now['started']
            work.transforming = is_now['transforming']
            work.output_data = is_now['output']
        answer.append([bool(status()) for status in asked])
    return answer


decode.load_package()
for line in sys.stdin:
    case = json.loads(line)
    try:
        result = {'truths': truths(case['payload'], case['states'])}
        if case['is_run']:
            decode.play(case['payload'], rounds=3, as_is=True)
    except Exception as error:
        result = {'error': '%s: %s' % (type(error).__name__, error)}
    print(json.dumps(result), flush=True)
