"""The real iDDS REST application, mounted below /idds as in a production deployment.

The client's certificate is put in the WSGI environment as SSL_CLIENT_S_DN and SSL_CLIENT_CERT, which is what Apache's
mod_ssl (SSLOptions +StdEnvVars +ExportCertData) does for mod_wsgi.
"""
import ssl

from cryptography import x509
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from idds.rest.v1.app import create_app


def not_found(environ, start_response):
    start_response('404 NOT FOUND', [('Content-Type', 'text/plain')])
    return [b'only /idds is served here\n']


def with_client_certificate(app):
    def call(environ, start_response):
        # the server believes these headers; here only the handshake decides
        environ.pop('HTTP_SSL_CLIENT_S_DN', None)
        environ.pop('HTTP_SSL_CLIENT_CERT', None)
        der = environ['gunicorn.socket'].getpeercert(binary_form=True)
        if der:
            environ['SSL_CLIENT_VERIFY'] = 'SUCCESS'
            environ['SSL_CLIENT_S_DN'] = x509.load_der_x509_certificate(der).subject.rfc4514_string()
            environ['SSL_CLIENT_CERT'] = ssl.DER_cert_to_PEM_cert(der)
        return app(environ, start_response)
    return call


application = create_app()
application.wsgi_app = with_client_certificate(application.wsgi_app)
application = DispatcherMiddleware(not_found, {'/idds': application})
