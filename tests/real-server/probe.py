"""Exits 0 when a part of the server is ready: probe.py database | agents | oidc ISSUER | rest URL TLS_DIRECTORY."""
import configparser
import os
import sys


def query(statement):
    import psycopg2
    config = configparser.ConfigParser()
    config.read(os.environ['IDDS_CONFIG'])
    with psycopg2.connect(config['database']['default'], connect_timeout=2) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall(), config


def database():
    return query('select 1')


def agents():
    rows, config = query('select lower(agent) from doma_idds.health')
    seen = ' '.join(row[0] for row in rows)
    return all(name.strip() in seen for name in config['main']['agents'].split(','))


def oidc(issuer):
    import requests
    return requests.get(issuer + '/.well-known/openid-configuration', timeout=5).ok


def rest(url, tls):
    import requests
    answer = requests.get(url + '/ping', verify=tls + '/ca.pem', cert=tls + '/user.pem', timeout=5)
    return answer.ok and answer.json() == {'Status': 'OK'}


probes = {probe.__name__: probe for probe in (database, agents, oidc, rest)}
try:
    ready = probes[sys.argv[1]](*sys.argv[2:])
except OSError as error:      # requests' errors are OSErrors
    sys.exit(str(error))
except Exception as error:
    if type(error).__name__ != 'OperationalError':
        raise
    sys.exit(str(error))
sys.exit(0 if ready else 1)
