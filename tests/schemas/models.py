"""models.py SCHEMAS SAMPLES OUT: makes pydantic models of every schema of a folder in OUT, reads every sample of a JSON file
with them, and fails when one does not write what it has read."""

import importlib
import json
import pathlib
import subprocess
import sys

schemas, samples, out = map(pathlib.Path, sys.argv[1:])
models = {}
sys.path.insert(0, str(out))
for file in sorted(schemas.iterdir()):
    module = f"models_{file.stem}"
    command = [sys.executable, "-m", "datamodel_code_generator", "--input", file, "--input-file-type", "jsonschema"]
    command += ["--output", out / f"{module}.py", "--output-model-type", "pydantic_v2.BaseModel"]
    subprocess.run([*command, "--disable-timestamp", "--use-title-as-name", "--formatters", "builtin"], check=True)
    title = json.loads(file.read_text())["title"]
    models[file.name] = getattr(importlib.import_module(module), "".join(w[0].upper() + w[1:] for w in title.split()))

wrong = 0
for sample in json.loads(samples.read_text()):
    document = sample["document"]
    read = models[sample["schema"]].model_validate(document)
    written = json.loads(read.model_dump_json(by_alias=True, exclude_unset=True))
    if written != document:
        wrong += 1
        print(f"{sample['schema']}: {json.dumps(document)}\n   became {json.dumps(written)}", file=sys.stderr)
sys.exit(wrong > 0)
