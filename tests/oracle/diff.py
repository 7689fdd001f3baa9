#!/usr/bin/env python3
"""Compares two payloads by value: diff.py OURS REFERENCE.

Ids are equal up to a one-to-one renaming. Times, generated names that differ consistently, compressed text with equal
content, the spelling of equal numbers and the order of keys are listed as ignored. Everything else is real: a missing or
additional attribute, null against missing, 2 against 2.0, a duplicate key. Needs the standard library only.

The report is JSON on stdout. Exit code: 0 equal, 1 real differences, 2 unusable input.
"""
import base64
import json
import re
import sys
import zlib

ID_RE = re.compile(r"^[0-9a-f]{8}$")
UUID_RE = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
DATE_RE = re.compile(r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
                     r"\d\d:\d\d:\d\d UTC$")
NAME_RE = re.compile(r"^((?:idds\.workflow|hpo(?:\.[^.]+)?|pseudo_input|pseudo_output)\.)"
                     r"(\d{4}(?:_\d\d){5}_\d{6}\d{1,4})(\D.*)?$", re.S)
TIME_KEYS = {"last_updated_at", "operation_time", "submitted_at"}
UNORDERED_LISTS = {"dependency_tasks"}
ID_KEYS = {"internal_id", "template_work_id", "template_id"}
REDUMP_EXTRAS = {"workload_id", "external_id", "signature", "_loading"}
ENUM_EXTRAS = {"_sort_order_", "_loading"}
ZIP = "idds_zip:"


class Num(str):
    """A number with its spelling."""
    kind = "int"


class Flt(Num):
    kind = "float"


class Pairs(dict):
    dup = ()


def _pairs(items):
    d = Pairs(items)
    if len(d) != len(items):
        seen, dup = set(), []
        for k, _ in items:
            if k in seen:
                dup.append(k)
            seen.add(k)
        d.dup = tuple(dup)
    return d


def parse(text):
    return json.loads(text, parse_int=Num, parse_float=Flt, parse_constant=Flt, object_pairs_hook=_pairs)


def plain(v):
    if isinstance(v, dict):
        return {k: plain(x) for k, x in v.items()}
    if isinstance(v, list):
        return [plain(x) for x in v]
    if isinstance(v, Flt):
        return float(v)
    if isinstance(v, Num):
        return int(v)
    return v


def is_node(v):
    return isinstance(v, dict) and "class" in v and "module" in v and "attributes" in v


def is_enum_node(v):
    return is_node(v) and isinstance(v["attributes"], dict) and "_value_" in v["attributes"]


def collect_ids(v, out):
    if isinstance(v, dict):
        for k, x in v.items():
            if k in ID_KEYS and isinstance(x, str) and ID_RE.match(x):
                out.add(x)
            collect_ids(x, out)
    elif isinstance(v, list):
        for x in v:
            collect_ids(x, out)
    return out


def unzip(s):
    return zlib.decompress(base64.b64decode(s[len(ZIP):])).decode()


class Differ:
    def __init__(self, a, b, redump=False):
        self.ids_a, self.ids_b = collect_ids(a, set()), collect_ids(b, set())
        self.fwd, self.back = {}, {}
        self.names = {}
        self.real, self.ignored = [], []
        self.redump = redump

    def note(self, real, path, kind, a, b):
        def short(x):
            t = json.dumps(plain(x)) if not isinstance(x, str) or isinstance(x, Num) else x
            return t if len(t) < 200 else t[:200] + "..."
        (self.real if real else self.ignored).append({"path": path, "kind": kind, "a": short(a), "b": short(b)})

    def same_id(self, a, b):
        if self.fwd.get(a, b) != b or self.back.get(b, a) != a:
            return False
        self.fwd[a], self.back[b] = b, a
        return True

    def string(self, a, b, path, key):
        if a in self.ids_a and b in self.ids_b:
            if not self.same_id(a, b):
                self.note(True, path, "id-reference", a, b)
            return
        ma, mb = NAME_RE.match(a), NAME_RE.match(b)
        if ma and mb and self.names.setdefault(ma.group(2), mb.group(2)) != mb.group(2):
            return self.note(True, path, "inconsistent generated name", a, b)
        if a == b:
            return
        if DATE_RE.match(a) and DATE_RE.match(b) and key in TIME_KEYS:
            return self.note(False, path, "timestamp", a, b)
        if key == "signature" and UUID_RE.match(a) and UUID_RE.match(b):
            return self.note(False, path, "signature", a, b)
        if ma and mb and ma.group(1) == mb.group(1) and ma.group(3) == mb.group(3):
            return self.note(False, path, "generated-name", a, b)
        if a.startswith(ZIP) and b.startswith(ZIP):
            try:
                ua, ub = unzip(a), unzip(b)
                if ua != ub:
                    n = len(self.real)
                    self.walk(parse(ua), parse(ub), path + "/(unzipped)", key)
                    if len(self.real) > n:
                        return
                return self.note(False, path, "zip-encoding", a, b)
            except Exception as ex:  # corrupted data
                return self.note(True, path, "zip-undecodable: %s" % ex, a, b)
        self.note(True, path, "value", a, b)

    def walk(self, a, b, path="", key=None):
        ta, tb = self.jtype(a), self.jtype(b)
        if ta != tb:
            return self.note(True, path, "type %s/%s" % (ta, tb), a, b)
        if ta == "object":
            self.obj(a, b, path)
        elif ta == "array":
            if len(a) != len(b):
                return self.note(True, path, "length %d/%d" % (len(a), len(b)), a, b)
            if key in UNORDERED_LISTS and all(isinstance(x, str) for x in a + b):
                if list(a) != list(b):
                    if sorted(a) == sorted(b):
                        return self.note(False, path, "unordered-list", a, b)
                    return self.note(True, path, "value", a, b)
                return
            for i, (x, y) in enumerate(zip(a, b)):
                self.walk(x, y, "%s/%d" % (path, i), key)
        elif ta == "string":
            self.string(a, b, path, key)
        elif ta in ("int", "float"):
            if str(a) != str(b):
                va, vb = plain(a), plain(b)
                # repr tells -0.0 from 0.0 and treats NaN as equal to itself
                if repr(va) == repr(vb):
                    self.note(False, path, "number-spelling", a, b)
                else:
                    self.note(True, path, "value", a, b)
        elif a is not b:
            self.note(True, path, "value", a, b)

    @staticmethod
    def jtype(v):
        if isinstance(v, Num):
            return v.kind
        if isinstance(v, str):
            return "string"
        if isinstance(v, dict):
            return "object"
        if isinstance(v, list):
            return "array"
        if isinstance(v, bool):
            return "bool"
        return "null"

    def obj(self, a, b, path):
        for side, v in (("a", a), ("b", b)):
            if getattr(v, "dup", ()):
                self.note(True, path, "duplicate-keys in %s" % side, list(v.dup), "")
        ka, kb = list(a), list(b)
        if ka and kb and all(k in self.ids_a for k in ka) and all(k in self.ids_b for k in kb):
            if len(ka) != len(kb):
                return self.note(True, path, "keys", ka, kb)
            left = [k for k in kb if k not in self.back]
            pairs = []
            for x in ka:
                y = self.fwd.get(x)
                if y is None:
                    y = left.pop(0) if left else None
                elif y not in b:
                    y = None
                if y is None or not self.same_id(x, y):
                    return self.note(True, path, "keys", ka, kb)
                pairs.append((x, y))
            if [y for _, y in pairs] != kb:
                self.note(False, path, "key-order", ka, kb)
            for x, y in pairs:
                self.walk(a[x], b[y], "%s/%s" % (path, x), x)
            return
        parent_enum = path.endswith("/attributes") and "_value_" in a and "_value_" in b
        for k in ka:
            if k not in b:
                ok = parent_enum and k in ENUM_EXTRAS
                self.note(not ok, path, "missing in b: %s" % k, a[k], "")
        for k in kb:
            if k not in a:
                ok = parent_enum and k in ENUM_EXTRAS
                if self.redump and k in REDUMP_EXTRAS and b[k] in (None, False):
                    self.note(False, path, "load-normalisation", "", b[k])
                    continue
                self.note(not ok, path, "missing in a: %s" % k, "", b[k])
        common_a, common_b = [k for k in ka if k in b], [k for k in kb if k in a]
        if common_a != common_b:
            self.note(False, path, "key-order", common_a, common_b)
        for k in common_a:
            self.walk(a[k], b[k], "%s/%s" % (path, k), k)


def diff(ours, reference, redump=False):
    a, b = parse(ours), parse(reference)
    d = Differ(a, b, redump=redump)
    d.walk(a, b)
    counts = {}
    for x in d.ignored:
        counts[x["kind"]] = counts.get(x["kind"], 0) + 1
    return {"equal": not d.real, "real": d.real, "ignored": counts}


def main():
    try:
        with open(sys.argv[1]) as ours, open(sys.argv[2]) as reference:
            report = diff(ours.read(), reference.read())
    except (OSError, ValueError) as ex:
        print(json.dumps({"error": "%s: %s" % (type(ex).__name__, ex)}))
        return 2
    print(json.dumps(report, indent=1))
    return 0 if report["equal"] else 1


if __name__ == "__main__":
    sys.exit(main())
