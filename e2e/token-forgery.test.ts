import { createHmac, createPublicKey, generateKeyPairSync, type JsonWebKey, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EchoUpstream, echoConfig, startEchoUpstream } from './support/echo-upstream.ts';
import { type GateClient, gateClient, type Tokens, text } from './support/gate-client.ts';
import { type RunningGate, startGate } from './support/gate.ts';

type Json = Readonly<Record<string, unknown>>;

let upstream: EchoUpstream;
let gate: RunningGate;
let client: GateClient;
let tokens: Tokens;
let jwks: readonly (JsonWebKey & { kid: string; purpose: string })[];

beforeAll(async () => {
  upstream = await startEchoUpstream();
  gate = await startGate({ config: echoConfig(upstream.url) });
  client = gateClient(gate);
  client.inviteThrough(await client.logIn(text(gate.invite)));
  tokens = await client.newTokens('member');
  jwks = JSON.parse(await (await fetch(`${gate.url}/.well-known/jwks.json`)).text()).keys;
});
afterAll(async () => {
  await gate.stop();
  await upstream.close();
});

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part: string | undefined): Json => JSON.parse(Buffer.from(part ?? '', 'base64url').toString());
const attacker = generateKeyPairSync('ed25519');

function partsOf(token: string) {
  const [header, payload, signature = ''] = token.split('.');
  return { header: decode(header), claims: decode(payload), signature };
}

/** The genuine token's header and claims with changes, signed by the attacker. */
function forged(header: Json, claims: Json = {}): string {
  const genuine = partsOf(tokens.token);
  const input = `${encode({ ...genuine.header, ...header })}.${encode({ ...genuine.claims, ...claims })}`;
  return `${input}.${sign(null, Buffer.from(input), attacker.privateKey).toString('base64url')}`;
}

function withBearer(token: string) {
  return client.send('/x', { headers: [['authorization', `Bearer ${token}`]] });
}

/** The public key in the forms that a confused verifier would take for an HMAC secret. */
function hmacSecrets(): readonly (string | Buffer)[] {
  return jwks.flatMap((jwk) => {
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    const der = key.export({ type: 'spki', format: 'der' });
    return [der, der.subarray(-32), key.export({ type: 'spki', format: 'pem' }), text(jwk.x), JSON.stringify(jwk)];
  });
}

describe('a bearer token', () => {
  test('lets in when it is genuine, and the scheme is read in any case', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      const { status } = await client.send('/x', { headers: [['authorization', `${scheme} ${tokens.token}`]] });
      expect(status).toBe(200);
    }
  });

  test.each<[name: string, header: Json, claims: Json]>([
    ['signed by another key', {}, {}],
    ['of an unknown key', { kid: 'nobody' }, {}],
    ['that brings its key along', { jwk: attacker.publicKey.export({ format: 'jwk' }) }, {}],
    ['that says where its key is', { jku: 'http://127.0.0.1:1/keys' }, {}],
    ['that brings a certificate', { x5c: ['AAAA'] }, {}],
    ['with critical extensions', { crit: ['exp'] }, {}],
    ['with an unencoded payload', { b64: false, crit: ['b64'] }, {}],
    ['of another type', { typ: 'JWT' }, {}],
    ['of the type of assertions', { typ: 'steadygate-assertion+jwt' }, {}],
    ['without a type', { typ: undefined }, {}],
    ['of another algorithm', { alg: 'ES256' }, {}],
    ['with the fully specified name of the algorithm', { alg: 'Ed25519' }, {}],
    ['for another role', {}, { role: 'admin' }],
    ['for another tenant', {}, { tid: 'system' }],
  ])('%s is refused', async (_, header, claims) => {
    const { status, body, headers } = await withBearer(forged(header, claims));
    expect([status, body['code'], headers['www-authenticate']]).toEqual([
      401,
      'credential-required',
      'Bearer realm="steadygate"',
    ]);
  });

  test('of algorithm none is refused in every spelling', async () => {
    const { claims } = partsOf(tokens.token);
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '']) {
      for (const signature of ['', partsOf(tokens.token).signature]) {
        const header = encode({ ...partsOf(tokens.token).header, alg });
        const { status } = await withBearer(`${header}.${encode(claims)}.${signature}`);
        expect(status).toBe(401);
      }
    }
  });

  test('of HS256 keyed with a public key is refused', async () => {
    const { header, claims } = partsOf(tokens.token);
    const input = `${encode({ ...header, alg: 'HS256' })}.${encode(claims)}`;
    for (const secret of hmacSecrets()) {
      const signature = createHmac('sha256', secret).update(input).digest('base64url');
      expect((await withBearer(`${input}.${signature}`)).status).toBe(401);
    }
  });

  test('with another last character that decodes to the same signature is refused', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = tokens.token.at(-1) ?? '';
    for (const character of alphabet.replace(last, '')) {
      expect((await withBearer(tokens.token.slice(0, -1) + character)).status).toBe(401);
    }
    for (const token of [`${tokens.token}=`, `${tokens.token}.`, `.${tokens.token}`, tokens.token.replace('.', '..')]) {
      expect((await withBearer(token)).status).toBe(401);
    }
  });

  test('that is an assertion to an upstream is refused, and assertions are signed with keys of their own', async () => {
    const echoed = await withBearer(tokens.token);
    const seen = echoed.body['headers'] as Readonly<Record<string, string>>;
    const assertion = text(seen['x-steadygate-assertion']);
    expect(seen['authorization']).toBeUndefined();
    expect((await withBearer(assertion)).status).toBe(401);

    const purposeOf = (token: string) => jwks.find(({ kid }) => kid === partsOf(token).header['kid'])?.purpose;
    expect([purposeOf(tokens.token), purposeOf(assertion)]).toEqual(['access', 'assertion']);
    expect(partsOf(tokens.token).claims['aud']).not.toBe(partsOf(assertion).claims['aud']);
  });

  test('that is a refresh token is refused, and an access token refreshes nothing', async () => {
    expect((await withBearer(tokens.refreshToken)).status).toBe(401);
    const refreshToken = tokens.token.slice(0, 256);
    expect((await client.send('/auth/refresh', { method: 'POST', body: { refreshToken } })).status).toBe(401);
  });

  test('in the query, the body, a cookie of another name or another header is no credential', async () => {
    const tries = [
      client.send(`/x?access_token=${tokens.token}`),
      client.send('/x', { method: 'POST', body: { access_token: tokens.token } }),
      client.send('/x', { headers: [['cookie', `__Host-token=${tokens.token}`]] }),
      client.send('/x', { headers: [['cookie', `Token=${tokens.token}`]] }),
      client.send('/x', { headers: [['x-access-token', tokens.token]] }),
      client.send('/x', { headers: [['authorization', `Basic ${tokens.token}`]] }),
      client.send('/x', { headers: [['authorization', tokens.token]] }),
    ];
    expect((await Promise.all(tries)).map(({ status }) => status)).toEqual(tries.map(() => 401));
  });
});

describe('T20: two credentials', () => {
  const access = (): string => tokens.token;
  test.each<readonly [string, () => readonly (readonly [string, string])[]]>([
    [
      'a cookie and a bearer token',
      () => [
        ['cookie', `token=${access()}`],
        ['authorization', `Bearer ${access()}`],
      ],
    ],
    [
      'a cookie and another scheme',
      () => [
        ['cookie', `token=${access()}`],
        ['authorization', 'Basic YTpi'],
      ],
    ],
    [
      'a refresh cookie and a bearer token',
      () => [
        ['cookie', `refresh=${tokens.refreshToken}`],
        ['authorization', `Bearer ${access()}`],
      ],
    ],
    [
      'two Authorization fields',
      () => [
        ['authorization', `Bearer ${access()}`],
        ['authorization', `Bearer ${access()}`],
      ],
    ],
    ['one cookie twice', () => [['cookie', `token=${access()}; token=${access()}`]]],
    [
      'one cookie in two fields',
      () => [
        ['cookie', `token=${access()}`],
        ['cookie', `token=${access()}`],
      ],
    ],
    ['an empty cookie beside the same', () => [['cookie', `token=; token=${access()}`]]],
  ])('%s: 400', async (_, headers) => {
    const { status, body } = await client.send('/x', { headers: headers() });
    // A field that must not repeat is malformed before anybody asks what it says.
    expect([status, ['credentials-ambiguous', 'request-malformed'].includes(text(body['code']))]).toEqual([400, true]);
  });

  test('at /auth/refresh: 400, and nothing is used up', async () => {
    const person = await client.newPerson('member');
    const post = (headers: readonly (readonly [string, string])[]) =>
      client.send('/auth/refresh', { method: 'POST', headers: [...headers, ['x-csrf-token', person.csrfToken]] });
    const twice = person.cookie()[1].replace(/(refresh=[^;]+)/, '$1; $1');
    expect((await post([['cookie', twice]])).status).toBe(400);
    expect((await post([person.cookie(), ['authorization', `Bearer ${access()}`]])).status).toBe(400);
    expect((await person.send('POST', '/auth/refresh')).status).toBe(200);
  });
});

test('SB26: no token, cookie or code that was in use here stands in a log or in the decision file', async () => {
  expect(client.secrets.size).toBeGreaterThan(3);
  expect(await client.leaks()).toEqual([]);
});
