"""Reads `cargo metadata` on stdin.

metadata.py features: prints `PACKAGE FEATURE` for every feature of the workspace, and `PACKAGE` for every package without.
metadata.py msrv: fails unless every package of the workspace declares the same rust-version and no dependency needs a newer one.
"""
import json
import sys

metadata = json.load(sys.stdin)
ours = [p for p in metadata['packages'] if p['id'] in metadata['workspace_members']]


def features():
    for package in ours:
        print(package['name'])
        for feature in package['features']:
            print(package['name'], feature)


def msrv():
    declared = {package['rust_version'] for package in ours}
    if len(declared) != 1 or None in declared:
        return 'the rust-version of the workspace is not one: %s' % sorted(map(str, declared))
    number = lambda text: [int(part) for part in (text.split('.') + ['0'])[:3]]
    limit = declared.pop()
    newer = ['%(name)s %(version)s needs Rust %(rust_version)s' % p for p in metadata['packages']
             if p['rust_version'] and number(p['rust_version'])[:2] > number(limit)[:2]]
    print('rust-version is', limit)
    return '; '.join(newer) or None


sys.exit({'features': features, 'msrv': msrv}[sys.argv[1]]())
