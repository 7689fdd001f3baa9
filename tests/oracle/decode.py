#!/usr/bin/env python3
"""Loads payloads with the real iDDS packages: decode.py [--agent] FILE...

Every object must come back with its class and its attributes, every method that the REST service and the agents call must
work, and what Python serialises again must be the same value. With --agent the request agent of 2.6.21 must also be able to
run the payload as it is, without help around its known limitations.

The report is a JSON list on stdout, one object a file. Exit code: 0 when each is "ok", 1 when one is not, 2 unusable input.
"""
import importlib
import json
import logging
import os
import sys

sys.dont_write_bytecode = True      # leave nothing beside the sources
from diff import DATE_RE, ZIP, diff, is_node, unzip  # noqa: E402

json_dumps = json_loads = None


def load_package():
    global json_dumps, json_loads
    if json_loads is not None:
        return
    for k in list(os.environ):
        if k.startswith(("PANDA", "IDDS_PANDA")):
            del os.environ[k]
    os.environ["IDDS_CLIENT_MODE"] = "1"
    os.environ["IDDS_HOST"] = "https://localhost:443/idds"
    logging.disable(logging.CRITICAL)
    from idds.common import utils
    json_dumps, json_loads = utils.json_dumps, utils.json_loads


def fams(module):
    return "v2" if "workflowv2" in module else ("v1" if ".workflow" in module else None)


def classes_of(obj, names):
    return any(c.__name__ in names for c in type(obj).__mro__)


def is_workflow(o):
    return classes_of(o, {"Workflow"}) and hasattr(o, "template")


def is_work(o):
    return classes_of(o, {"Work"})


LIMITATIONS = {
    "parameter-link": "idds-* 2.6.21 cannot decode any ParameterLink (its constructor needs an argument which the "
                      "decoder does not give); the check continues with a lenient constructor",
    "task-name": "the v2 get_new_works() of 2.6.21 reads work.task_name, which only PanDA works have",
    "nested-condition": "a condition used inside the conditions of another one is not resolved by the decoder; its "
                        "members stay plain dictionaries, which count as true",
    "independent-subworkflow": "the v2 get_new_works() of 2.6.21 fails on sub-workflows which no condition leads to",
    "v1-agent": "the agents of 2.6.21 call methods which v1 classes do not have",
    "v1-subworkflow": "v1 does not resolve the conditions of a sub-workflow before its first run",
    "steps": "the data of this workflow is uploaded separately; the agent cannot be played without it",
}


class lenient:
    """Let the decoder build ParameterLink objects."""

    def __enter__(self):
        self.saved = []
        for fam in ("workflow", "workflowv2"):
            c = importlib.import_module("idds.%s.workflow" % fam).ParameterLink
            self.saved.append((c, c.__init__.__defaults__))
            c.__init__.__defaults__ = (None,)

    def __exit__(self, *a):
        for c, d in self.saved:
            c.__init__.__defaults__ = d


_fresh = {}


def fresh_attributes(module, cls):
    """Attribute names of a default instance as Python would serialise it."""
    key = (module, cls)
    if key not in _fresh:
        try:
            c = getattr(importlib.import_module(module), cls)
            if cls == "ParameterLink":
                o = c(parameters=[])
            else:
                o = c()
            o.to_dict()
            d = json.loads(json_dumps(o))
            meta = (d["attributes"].get("_metadata") or {}).get("attributes", {})
            _fresh[key] = (set(d["attributes"]), set(meta))
        except Exception:
            _fresh[key] = None
    return _fresh[key]


OPEN_CLASSES = {"DictMetadata", "IDDSMetadata"}
# attributes that exist only after some call
OPTIONAL_ATTRS = {"_sliced_global_parameters", "workload_id", "task_name", "loop_condition_position"}


def walk_raw(raw, obj, path, out, works):
    """Compare the raw tree with the loaded one."""
    if is_node(raw):
        module, cls = raw["module"], raw["class"]
        out["nodes"]["%s.%s" % (module, cls)] = out["nodes"].get("%s.%s" % (module, cls), 0) + 1
        if type(obj).__name__ != cls or type(obj).__module__ != module:
            out["problems"].append({"path": path, "problem": "loaded as %s.%s instead of %s.%s" % (
                type(obj).__module__, type(obj).__name__, module, cls)})
            return
        attrs = raw["attributes"]
        if "_value_" in attrs:
            # decoding renames the member, the table of the class keeps the name
            order = list(type(obj).__members__)
            name = [n for n, m in type(obj).__members__.items() if m is obj][0]
            if attrs.get("_name_", name) != name or attrs.get("_sort_order_", order.index(name)) != order.index(name):
                out["problems"].append({"path": path, "problem": "enum name or sort order does not belong to value %s" %
                                        attrs["_value_"]})
            return
        fresh = fresh_attributes(module, cls)
        if fresh and cls not in OPEN_CLASSES:
            unknown = [k for k in attrs if k not in fresh[0] and k not in OPTIONAL_ATTRS and not k.startswith("user_")]
            missing = [k for k in fresh[0] if k not in attrs]
            if unknown:
                out["unknown_attributes"].append({"path": path, "class": cls, "attributes": unknown})
            if missing:
                out["missing_attributes"].append({"path": path, "class": cls, "attributes": sorted(missing)})
        for k, v in attrs.items():
            if k == "logger":
                continue
            if k not in obj.__dict__:
                if k == "_metadata" or not hasattr(obj, k):
                    out["problems"].append({"path": path + "/" + k, "problem": "attribute lost"})
                    continue
                got = getattr(obj, k)
            else:
                got = obj.__dict__[k]
            if isinstance(v, str) and v.startswith(ZIP):
                zipped = k in getattr(obj, "zip_items", []) and k not in getattr(obj, "not_auto_unzip_items", [])
                want = json.loads(unzip(v)) if zipped else v
                if got != want:
                    out["problems"].append({"path": path + "/" + k, "problem": "zipped item not restored"})
                continue
            if k in ("_is_workflow_step",):
                continue
            walk_raw(v, got, path + "/" + k, out, works)
        return
    if isinstance(raw, dict):
        if "idds_method" in raw and ("idds_method_internal_id" in raw or "idds_method_condition" in raw):
            if isinstance(raw.get("idds_method_condition"), dict):
                inner = obj.__self__ if callable(obj) else obj["idds_method_condition"]
                walk_raw(raw["idds_method_condition"], inner, path + "/idds_method_condition", out, works)
            if callable(obj):
                if obj.__name__ != raw["idds_method"]:
                    out["problems"].append({"path": path, "problem": "bound to method %s" % obj.__name__})
                elif "idds_method_internal_id" in raw and obj.__self__.get_internal_id() != raw["idds_method_internal_id"]:
                    out["problems"].append({"path": path, "problem": "bound to the wrong object"})
                out["bound_methods"] += 1
            else:
                out["unbound_methods"] += 1
            return
        if not isinstance(obj, dict):
            out["problems"].append({"path": path, "problem": "object became %s" % type(obj).__name__})
            return
        for k, v in raw.items():
            if k not in obj:
                out["problems"].append({"path": path + "/" + k, "problem": "key lost"})
            else:
                walk_raw(v, obj[k], path + "/" + k, out, works)
        return
    if isinstance(raw, list):
        if not isinstance(obj, (list, tuple)) or len(raw) != len(obj):
            out["problems"].append({"path": path, "problem": "list changed"})
            return
        for i, (x, y) in enumerate(zip(raw, obj)):
            walk_raw(x, y, "%s/%d" % (path, i), out, works)
        return
    if isinstance(raw, str) and (is_work(obj) or is_workflow(obj)):
        if obj.get_internal_id() != raw:
            out["problems"].append({"path": path, "problem": "reference resolved to another object"})
        out["resolved_references"] += 1
        return
    if raw != obj and not (raw != raw and obj != obj):
        m = DATE_RE.match(raw) if isinstance(raw, str) else None
        if not m and not path.endswith(("/last_updated_at", "_loading")):
            out["problems"].append({"path": path, "problem": "value changed: %r -> %r" % (raw, obj)})


def find_workflow(top):
    """(workflow, path) of the workflow of a payload; body or bare object."""
    if is_workflow(top):
        return top
    if isinstance(top, dict) and isinstance(top.get("request_metadata"), dict):
        for k in ("workflow", "build_workflow"):
            w = top["request_metadata"].get(k)
            if w is not None and is_workflow(w):
                return w
    return None


def flat_works(wf, depth=0):
    out = []
    for k, w in wf.template.works.items():
        if is_workflow(w):
            out += flat_works(w, depth + 1)
        else:
            out.append(w)
    return out


def server_cycle(text):
    """
    What happens between the REST service and an agent: the request metadata
    and the workflow metadata are stored as two JSON columns and merged again
    when an agent reads the request.
    """
    top = json_loads(text)
    wf = find_workflow(top)
    meta = json_dumps({"workflow_data": wf.metadata})
    body = json_dumps({"workflow": wf})
    wf2 = json_loads(body)["workflow"]
    wf2.metadata = json_loads(meta)["workflow_data"]
    return wf2


def version_of(wf):
    return fams(type(wf).__module__)


def mark(work, status_name, work_id):
    from idds.common.constants import WorkStatus
    work.set_work_id(work_id, transforming=True)
    work.submitted = True
    work.started = True
    work.status = WorkStatus[status_name]
    work.substatus = WorkStatus[status_name]


def play(text, status="Finished", rounds=12, max_works=3000, as_is=False):
    """
    Play the request agent: release new works, let them end with the given
    status, store and reload, go on until nothing is left.  Returns the
    release schedule.  With as_is the calls are exactly those of the 2.6.21
    agent; otherwise its known limitations are worked around.
    """
    wf = server_cycle(text)
    v2 = version_of(wf) == "v2"
    clean = {"clean": True} if v2 or as_is else {}
    schedule, released = [], 0
    if not as_is:
        for w in flat_works(wf):
            if not hasattr(w, "task_name"):
                w.task_name = w.get_work_name()
    for rnd in range(rounds):
        names = []
        while True:
            new = wf.get_new_works()
            for w in new:
                if as_is:
                    w.get_loop_index(), w.parent_internal_ids, w.get_work_tag(), w.get_template_work_id()
                released += 1
                names.append(w.get_work_name())
                mark(w, "Transforming", 1000 + released)
            if v2 or not new:
                break
        schedule.append(names)
        # the next polls: works get terminated
        wf.get_all_works()
        wf.refresh_works(**clean)
        for w in all_run_works(wf):
            if w.transforming and not w.is_terminated():
                mark(w, status, w.work_id)
        wf.get_all_works()
        wf.refresh_works(**clean)
        # the agent stores and reloads between polls
        meta = json_dumps({"workflow_data": wf.metadata})
        body = json_dumps({"workflow": wf})
        wf = json_loads(body)["workflow"]
        wf.metadata = json_loads(meta)["workflow_data"]
        if wf.is_terminated() or released > max_works:
            break
    return {"schedule": schedule, "released": released, "terminated": bool(wf.is_terminated()),
            "finished": bool(wf.is_finished()), "num_run": wf.num_run}


def all_run_works(wf):
    out = []
    if not wf.runs:
        return out
    run = wf.runs[str(wf.num_run)]
    for k, w in run.works.items():
        out += all_run_works(w) if is_workflow(w) else [w]
    return out


def collect_conditions(wf, depth=0):
    """[(condition, depth of its workflow)]"""
    conds = [(c, depth) for c in wf.template.conditions.values()]
    for w in wf.template.works.values():
        if is_workflow(w):
            conds += collect_conditions(w, depth + 1)
    return conds


def unresolved(wf):
    """Condition members which stayed plain data, by cause."""
    bad, v1sub = 0, 0
    for c, depth in collect_conditions(wf):
        n = sum(1 for x in c.conditions if not callable(x))
        n += sum(1 for x in list(c.true_works) + list(c.false_works) if isinstance(x, str))
        if depth and version_of(wf) == "v1":
            v1sub += n
        else:
            bad += n
    return bad, v1sub


def ids_of(objs):
    return [o.get_internal_id() if hasattr(o, "get_internal_id") else "UNRESOLVED " + str(o.get("idds_method")) for o in objs]


def check_conditions(text):
    """Evaluate every condition with all preceding works new/finished/failed."""
    from idds.common.constants import WorkStatus
    res = []
    for status in ("New", "Finished", "Failed"):
        wf = server_cycle(text)
        skip = version_of(wf) == "v1"
        conds = [c for c, depth in collect_conditions(wf) if not (depth and skip)]
        for c in conds:
            for w in c.all_pre_works():
                if is_work(w):
                    w.status = WorkStatus[status]
                    w.substatus = WorkStatus[status]
        for i, c in enumerate(conds):
            if len(res) <= i:
                res.append({"class": type(c).__name__, "pre": ids_of(c.all_pre_works()),
                            "next": ids_of(c.all_next_works())})
            res[i][status] = {"status": c.get_condition_status(), "next": ids_of(c.get_next_works())}
    return res


def attempt(fn):
    try:
        return {"ok": True, "result": fn()}
    except Exception as ex:
        return {"ok": False, "error": "%s: %s" % (type(ex).__name__, ex)}


def desc_coll(c):
    if c is None:
        return None
    return {"scope": c.scope, "name": c.name, "type": c.coll_type.name, "status": c.status.name}


def battery(text):
    """Every method the service and the agents call, each on a fresh load."""
    r = {}

    def on(name, fn, cycle=True):
        r[name] = attempt(lambda: fn(server_cycle(text) if cycle else find_workflow(json_loads(text))))

    on("get_internal_id", lambda w: w.get_internal_id(), False)
    on("name", lambda w: w.name, False)
    on("get_workload_id", lambda w: w.get_workload_id(), False)
    on("template.get_works", lambda w: list(w.template.get_works()), False)
    on("get_site", lambda w: w.get_site(), False)
    v2 = attempt(lambda: version_of(find_workflow(json_loads(text))))["result"] == "v2"
    if v2:
        on("get_cloud", lambda w: w.get_cloud(), False)
        on("get_queue", lambda w: w.get_queue(), False)
        on("is_with_steps", lambda w: w.is_with_steps(), False)
        on("is_workflow_step", lambda w: w.is_workflow_step, False)
        on("campaign", lambda w: [w.campaign, w.campaign_scope, w.campaign_group, w.campaign_tag,
                                  w.max_processing_requests], False)
    on("lifetime", lambda w: w.lifetime, False)
    on("username", lambda w: w.username, False)
    works = attempt(lambda: flat_works(find_workflow(json_loads(text))))
    if works["ok"] and works["result"]:
        on("get_primary_initial_collection", lambda w: desc_coll(w.get_primary_initial_collection()), False)
    on("metadata", lambda w: bool(json_dumps(w.metadata)), False)
    on("server_cycle", lambda w: True)
    on("get_loop_condition", lambda w: w.template.has_loop_condition() and w.template.get_loop_condition_status())
    r["conditions"] = attempt(lambda: check_conditions(text))
    r["collections"] = attempt(lambda: [
        [desc_coll(c) for c in list(w.get_collections())] +
        [w.get_primary_input_collection() is not None, len(w.get_output_collections()), len(w.get_log_collections())]
        for w in flat_works(server_cycle(text))])
    r["work_accessors"] = attempt(lambda: [
        [w.get_work_name(), w.get_work_type().name if w.get_work_type() else None, w.get_work_tag(),
         w.get_status().name, w.get_template_work_id() == w.get_internal_id(), w.get_sequence_id()]
        for w in flat_works(server_cycle(text))])
    steps = attempt(lambda: v2 and find_workflow(json_loads(text)).is_with_steps())["result"]
    if works["ok"] and works["result"] and not steps and len(works["result"]) <= MAX_PLAY:
        r["agent"] = attempt(lambda: play(text))
        r["agent_as_is"] = attempt(lambda: play(text, as_is=True))
        r["agent_failed_works"] = attempt(lambda: play(text, status="Failed"))
    if v2 and attempt(lambda: find_workflow(json_loads(text)).is_workflow_step)["result"]:
        r["step_data"] = attempt(lambda: sorted(
            find_workflow(json_loads(text)).unzip_data(find_workflow(json_loads(text)).workflow_data)))
    return r


MAX_PLAY = 200   # playing the agent is quadratic in the number of works

BODY_KEYS = ["campaign", "campaign_scope", "campaign_group", "campaign_tag", "max_processing_requests", "scope", "name",
             "requester", "request_type", "username", "userdn", "transform_tag", "status", "priority", "site",
             "lifetime", "workload_id", "request_metadata"]


def limitations(text, out):
    found = set()
    if '"class": "ParameterLink"' in text or '"class":"ParameterLink"' in text:
        found.add("parameter-link")
    if '"idds_method_condition"' in text:
        found.add("nested-condition")
    bat = out.get("battery", {})
    if out.get("family") == "v1":
        if not bat.get("agent_as_is", {"ok": True})["ok"]:
            found.add("v1-agent")
    else:
        err = bat.get("agent_as_is", {}).get("error", "")
        if "task_name" in err:
            found.add("task-name")
        if "get_ancestry_works" in err + bat.get("agent", {}).get("error", ""):
            found.add("independent-subworkflow")
    wf = find_workflow(json_loads(text))
    if wf is not None and out.get("family") == "v2" and wf.is_with_steps():
        found.add("steps")
    return sorted(found)


def decode(path):
    load_package()
    with open(path) as fp:
        text = fp.read()
    out = {"file": os.path.basename(path), "nodes": {}, "problems": [], "unknown_attributes": [],
           "missing_attributes": [], "bound_methods": 0, "unbound_methods": 0, "resolved_references": 0}
    raw = json.loads(text)
    out["decodes_as_is"] = attempt(lambda: bool(json_loads(text) is not None))
    with lenient():
        loaded = attempt(lambda: json_loads(text))
        if not loaded["ok"]:
            out["ok"] = False
            out["load_error"] = loaded["error"]
            return out
        top = loaded["result"]
        walk_raw(raw, top, "", out, {})
        wf = find_workflow(top)
        out["kind"] = "workflow" if is_workflow(top) else ("request" if wf is not None else (
            type(top).__name__ if hasattr(top, "to_dict") else "json"))
        if out["kind"] == "request":
            from idds.common.constants import RequestStatus, RequestType
            unknown = [k for k in top if k not in BODY_KEYS + ["cloud", "queue", "token"]]
            if unknown:
                out["problems"].append({"path": "", "problem": "unknown request keys %s" % unknown})
            if not isinstance(top.get("request_type"), RequestType):
                out["problems"].append({"path": "/request_type", "problem": "not a RequestType"})
            if not isinstance(top.get("status", RequestStatus.New), RequestStatus):
                out["problems"].append({"path": "/status", "problem": "not a RequestStatus"})
            out["version"] = top["request_metadata"].get("version")
        ok = not out["problems"]
        if wf is not None:
            out["family"] = version_of(wf)
            out["battery"] = battery(text)
            out["limitations"] = limitations(text, out)
            known = {"agent_as_is"}
            left = attempt(lambda: unresolved(server_cycle(text)))
            out["unresolved_after_cycle"] = left["result"][0] if left["ok"] else left["error"]
            if left["ok"] and left["result"][1]:
                out["limitations"].append("v1-subworkflow")
            if {"independent-subworkflow", "v1-subworkflow", "v1-agent"} & set(out["limitations"]):
                known |= {"agent", "agent_failed_works"}
            failed = [k for k, v in out["battery"].items() if not v["ok"] and k not in known]
            out["failed_methods"] = failed
            ok = ok and not failed
            ok = ok and out["unresolved_after_cycle"] == 0
        else:
            out["limitations"] = limitations(text, out)
        re_text = json_dumps(json_loads(text))
    d = diff(text, re_text, redump=True)
    out["redump"] = {"equal": d["equal"], "real": d["real"], "ignored": d["ignored"]}
    ok = ok and d["equal"]
    out["limitations"] = {name: LIMITATIONS[name] for name in out["limitations"]}
    out["ok"] = ok
    return out


def main():
    agent = "--agent" in sys.argv[1:]
    files = [a for a in sys.argv[1:] if a != "--agent"]
    stdout, sys.stdout = sys.stdout, sys.stderr     # the packages print at times; stdout is for the report
    try:
        reports = [decode(f) for f in files]
    except (OSError, ValueError) as ex:
        print(json.dumps([{"error": "%s: %s" % (type(ex).__name__, ex)}]), file=stdout)
        return 2
    for report in reports:
        as_is = report.get("battery", {}).get("agent_as_is")
        if agent and as_is is not None:
            report["ok"] = report["ok"] and as_is["ok"] and report["decodes_as_is"]["ok"]
    print(json.dumps(reports, indent=1, default=str), file=stdout)
    return 0 if all(report["ok"] for report in reports) else 1


if __name__ == "__main__":
    sys.exit(main())
