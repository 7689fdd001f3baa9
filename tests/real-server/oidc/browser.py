"""The person at the browser, who signs in or refuses: browser.py VERIFICATION_URI_COMPLETE [LOGIN | --refuse].

Goes through the provider's real pages: confirms the code, logs in as LOGIN (default: idds-test), gives consent.
"""
import html.parser
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


def visit(url, login='idds-test'):
    """Signs in as `login`, or refuses."""
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
            fields['abort' if login == '--refuse' else 'confirm'] = 'yes'
        page = session.post(urljoin(page.url, action), data=fields)
    if login != '--refuse' and 'Sign-in Success' not in page.text:
        sys.exit('the provider did not accept the sign-in: %s %s' % (page.status_code, page.text[-300:]))


if __name__ == '__main__':
    visit(*sys.argv[1:])
