import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { carriesOwnCredential } from './own-credential.ts';

const base64url = (text: string) => Buffer.from(text).toString('base64url');
const jwt = (claims: unknown) => `${base64url('{"alg":"EdDSA"}')}.${base64url(JSON.stringify(claims))}.c2ln`;
const OURS = jwt({ iss: 'steadygate', aud: 'steadygate:session', name: 'Żółw' });
const ID = 'A-_4567890123456789012';

describe('carriesOwnCredential', () => {
  it.each([
    `Bearer ${OURS}`,
    `bearer  ${OURS}`,
    `Token ${OURS}`,
    OURS,
    `Bearer "${OURS}"`,
    `DPoP ${OURS}, Bearer x`,
    `Bearer sgr_${ID}xyz`,
    `Bearer sgi_${ID}`,
    `Bearer sgl_${ID}`,
    'Bearer sg_live_k1_secret',
    'ApiKey sg_test_k1_secret',
    `acme_live_${'A'.repeat(20)}_${'b'.repeat(49)}`,
    `Bearer shop_test_${'A'.repeat(20)}_${'b'.repeat(49)}`,
    `Basic ${Buffer.from('sg_live_k1_secret:').toString('base64')}`,
    `basic ${Buffer.from(`user:${OURS}`).toString('base64')}`,
    `Basic ${base64url(`user:sgr_${ID}`)}`,
  ])('T2: knows ours in %s', (value) => {
    expect(carriesOwnCredential(value)).toBe(true);
  });

  it.each([
    '',
    'Basic',
    'Basic dXNlcjpwYXNz',
    'Bearer opaque',
    `Bearer ${jwt({ iss: 'https://idp.example' })}`,
    `Bearer ${jwt({ iss: 'https://idp.example', note: 'steadygate' })}`,
    `Bearer ${jwt(['steadygate'])}`,
    'Bearer a.b.c',
    'Bearer msg_live_x',
    'Bearer sk_live_51H8a9KdIw0eXrL2pQ7',
    'Bearer sgr_short',
    'Digest username="u", realm="r", nonce="n", uri="/", response="x"',
    'AWS4-HMAC-SHA256 Credential=A/20261122/eu/s3/aws4_request, SignedHeaders=host, Signature=fe',
  ])('lets a foreign one pass: %s', (value) => {
    expect(carriesOwnCredential(value)).toBe(false);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof carriesOwnCredential(`Basic ${text}`) === 'boolean'));
    fc.assert(fc.property(fc.base64String(), (text) => typeof carriesOwnCredential(`Basic ${text}`) === 'boolean'));
    expect(carriesOwnCredential('-'.repeat(16_384))).toBe(false);
  });
});
