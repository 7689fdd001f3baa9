"""Prints the routes of the REST application, a method and a rule on each line."""
import os
import warnings

warnings.filterwarnings('ignore')
live = os.environ['IDDS_TEST_LIVE']
os.environ.update(IDDS_CONFIG=live + '/etc/idds.cfg', IDDS_AUTH_CONFIG=live + '/etc/auth.cfg', IDDS_HOME=live)

from idds.rest.v1.app import create_app      # noqa: E402

for rule in create_app().url_map.iter_rules():
    for method in rule.methods - {'HEAD', 'OPTIONS'}:
        if rule.endpoint != 'static':
            print(method, rule.rule)
