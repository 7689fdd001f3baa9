"""Prints an ID token that the provider issued: id_token.py [LOGIN]. Needs IDDS_HOST and SSL_CERT_FILE.

Goes through the device flow with the iDDS server, and is the user at the browser too: confirms the code on the provider's
real pages, logs in as LOGIN (default: idds-test) and gives consent. The token of the login idds-test-expired has expired.
"""
import html.parser
import os
import sys
from urllib.parse import urljoin

import requests


class Forms(html.parser.HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.forms = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == 'form':
            self.forms.append((attrs.get('action'), {}))
        elif tag == 'input' and self.forms and attrs.get('name'):
            self.forms[-1][1][attrs['name']] = attrs.get('value', '')


def approve(url, login):
    session = requests.Session()
    page = session.get(url)
    for _ in range(8):
        forms = Forms(page.text).forms
        if not forms:
            break
        action, fields = forms[0]
        if 'login' in fields:
            fields.update(login=login, password='any')
        if 'user_code' in fields:
            fields['confirm'] = 'yes'
        page = session.post(urljoin(page.url, action), data=fields)
    if 'Sign-in Success' not in page.text:
        sys.exit('the provider did not accept the sign-in: %s %s' % (page.status_code, page.text[-300:]))


def call(path):
    answer = requests.get('%s/auth/%s' % (os.environ['IDDS_HOST'], path), verify=os.environ['SSL_CERT_FILE'],
                          headers={'X-IDDS-Auth-Type': 'oidc', 'X-IDDS-Auth-VO': 'test'})
    if not answer.ok:
        sys.exit('%s: %s %s' % (path, answer.status_code, answer.headers.get('ExceptionMessage')))
    return answer.json()


flow = call('url/test/oidc')
approve(flow['verification_uri_complete'], *(sys.argv[1:] or ['idds-test']))
print(call('token/test/%s/5/60' % flow['device_code'])['id_token'])
