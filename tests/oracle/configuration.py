#!/usr/bin/env python3
"""What the real Python client makes of files and environment variables: configuration.py <FILE

Standard input is a JSON list of cases {"environment": {...}}; with "setup": {...}, setup_local_configuration is called with
these arguments. Prints a JSON list: for each case the settings of the client, or {"error": name of the exception}.
"""
import contextlib
import json
import logging
import os
import sys
import tempfile

os.environ.clear()
os.environ.update(HOME=tempfile.gettempdir(), IDDS_CLIENT_MODE='1')
from idds.client.clientmanager import ClientManager  # noqa: E402

logging.disable(logging.CRITICAL)
NAMES = ['host', 'auth_type', 'vo', 'x509_proxy', 'oidc_token', 'oidc_token_file']


def settings(case):
    os.environ.clear()
    os.environ.update(case['environment'])
    client = ClientManager()
    try:
        if 'setup' in case:
            client.setup_local_configuration(**case['setup'])
        else:
            client.get_local_configuration()
    except Exception as error:
        return {'error': type(error).__name__}
    return {name: getattr(client, name) for name in NAMES}


with contextlib.redirect_stdout(sys.stderr):
    verdicts = [settings(case) for case in json.load(sys.stdin)]
print(json.dumps(verdicts))
