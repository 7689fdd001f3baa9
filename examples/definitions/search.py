"""Prints a hyperparameter search defined in Python, checked against the JSON Schema of workflows.

    pip install jsonschema
    python examples/definitions/search.py > examples/definitions/search.json
"""

import json
import pathlib

import jsonschema

here = pathlib.Path(__file__).parent
schema = json.loads((here / "../../schemas/workflow.json").read_text())

space = {f"layer{index}": {"type": "TransitionChoice", "params": {"choices": [16, 32, 64]}} for index in range(3)}
space["rate"] = {"type": "Log", "params": {"lower": 1e-4, "upper": 1e-1}}
workflow = {
    "name": "neutral.python",
    "steps": {
        "search": {
            "type": "hpo",
            "method": "nevergrad",
            "opt_space": space,
            "max_points": 6,
            "num_points_per_iteration": 3,
        },
    },
    "lifetime": 30,
}

jsonschema.Draft202012Validator(schema).validate(workflow)
print(json.dumps(workflow, indent=2))
