"""Prints an ID token that the provider issued: id_token.py [LOGIN]. Needs IDDS_HOST and SSL_CERT_FILE.

Goes through the device flow with the iDDS server, and is the person at the browser too. The token of the login
idds-test-expired has expired, that of idds-test-brief does so after some seconds.
"""
import os
import sys

import requests

from browser import visit


def call(path):
    answer = requests.get('%s/auth/%s' % (os.environ['IDDS_HOST'], path), verify=os.environ['SSL_CERT_FILE'],
                          headers={'X-IDDS-Auth-Type': 'oidc', 'X-IDDS-Auth-VO': 'test'})
    if not answer.ok:
        sys.exit('%s: %s %s' % (path, answer.status_code, answer.headers.get('ExceptionMessage')))
    return answer.json()


flow = call('url/test/oidc')
visit(flow['verification_uri_complete'], *sys.argv[1:])
print(call('token/test/%s/5/60' % flow['device_code'])['id_token'])
