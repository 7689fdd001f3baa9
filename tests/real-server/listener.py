"""How gunicorn serves the REST application: client certificates are optional, verified, and RFC 3820 proxies are allowed."""
import os
import ssl

tls = os.environ['IDDS_TLS']
certfile, keyfile, ca_certs = tls + '/server.pem', tls + '/server.key', tls + '/ca.pem'
cert_reqs = ssl.CERT_OPTIONAL
workers, threads, worker_class, timeout = 2, 8, 'gthread', 120
worker_tmp_dir = os.environ['IDDS_HOME'] + '/run'
accesslog = os.environ['IDDS_HOME'] + '/log/rest.access.log'


def ssl_context(conf, default_ssl_context_factory):
    context = default_ssl_context_factory()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags |= ssl.VERIFY_ALLOW_PROXY_CERTS
    return context
