#!/usr/bin/env python3
"""Has the real package make the contents of the first work of a payload: events.py <PAYLOAD

Prints them as a JSON list of [name of the job, number of the event].
"""
import json
import logging
import os
import sys
import warnings

os.environ["IDDS_CLIENT_MODE"] = "1"
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
from idds.common.utils import json_loads  # noqa: E402


class Collection:
    coll_id, scope = 1, "scope"


class Anything(dict):
    """The collections of whatever task is asked for."""

    def __contains__(self, _):
        return True

    def __missing__(self, _):
        return {"outputs": [{"coll_id": 2, "scope": "scope"}]}


work, = json_loads(sys.stdin.read()).template.works.values()
work.get_input_collections = work.get_output_collections = lambda: [Collection]
work.get_work_name_to_coll_map = Anything
maps = work.get_new_input_output_maps({})
print(json.dumps([[content["name"], content["sub_map_id"]] for made in maps.values() for content in made["inputs"]]))
