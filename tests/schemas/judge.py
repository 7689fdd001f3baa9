"""judge.py SCHEMAS SAMPLES: prints what jsonschema says about every sample of a JSON file, as a list of true and false."""

import json
import pathlib
import sys

from jsonschema import Draft202012Validator

schemas, samples = map(pathlib.Path, sys.argv[1:])
validators = {}
for file in schemas.iterdir():
    schema = json.loads(file.read_text())
    Draft202012Validator.check_schema(schema)
    validators[file.name] = Draft202012Validator(schema)
print(json.dumps([validators[s["schema"]].is_valid(s["document"]) for s in json.loads(samples.read_text())]))
