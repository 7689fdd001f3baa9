// A real OpenID Connect provider on the loopback interface: discovery, JWKS (RS256), device authorization grant, refresh
// tokens, client credentials, and the provider's own login and consent pages. Any login name is accepted.
// Usage: node provider.mjs PORT
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const port = Number(process.argv[2]);
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

const provider = new Provider(`http://127.0.0.1:${port}`, {
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig' }] },
  clients: [{
    client_id: 'idds-test-client',
    client_secret: 'idds-test-secret',
    token_endpoint_auth_method: 'client_secret_post',
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token', 'client_credentials'],
    redirect_uris: [],
    response_types: [],
    id_token_signed_response_alg: 'RS256',
  }],
  scopes: ['openid', 'profile', 'email', 'offline_access'],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email'] },
  conformIdTokenClaims: false, // the server reads the user's name from the ID token
  features: {
    deviceFlow: { enabled: true },
    devInteractions: { enabled: true },
    userinfo: { enabled: true },
    clientCredentials: { enabled: true },
    // The access token of a program is a JWT, which the iDDS server takes for an ID token.
    resourceIndicators: {
      enabled: true,
      defaultResource: (ctx) => (ctx.oidc.params.grant_type === 'client_credentials' ? 'urn:idds:test' : undefined),
      getResourceServerInfo: () => ({
        scope: '', audience: 'idds-test-client', accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  cookies: { keys: ['idds-test-cookie-key'] },
  issueRefreshToken: async () => true,
  rotateRefreshToken: true,
  ttl: {
    DeviceCode: 600,
    IdToken: (ctx) => ({ 'idds-test-expired': -3600, 'idds-test-brief': 6 })[ctx.oidc.account?.accountId] ?? 3600,
    AccessToken: 3600,
    RefreshToken: 86400,
    Session: 3600,
    Interaction: 600,
    Grant: 86400,
  },
  async findAccount(ctx, id) {
    return { accountId: id, claims: async () => ({ sub: id, name: id, preferred_username: id, email: `${id}@idds.test` }) };
  },
});

// The iDDS server sends its client secret to the token endpoint but not to the device authorization endpoint. Providers used
// with it accept that; this one insists on the secret, so it is added here.
provider.use(async (ctx, next) => {
  if (ctx.method === 'POST' && ctx.path === '/device/auth') {
    const chunks = [];
    for await (const chunk of ctx.req) chunks.push(chunk);
    const body = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
    ctx.req.body = { client_secret: 'idds-test-secret', ...body };
  }
  await next();
});
provider.listen(port, '127.0.0.1');
