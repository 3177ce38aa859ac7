import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeControls, redactLine, redactSecrets } from './redact.ts';

const SHOWN = [
  ['a JWT', 'got eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1In0.c2ln today', 'eyJhbGciOiJFZERTQSJ9'],
  ['a refresh token', 'sgr_AbCdEfGhIjKlMnOp', 'AbCdEfGh'],
  ['an API key', 'key sg_live_abc123_secretsecret', 'secretsecret'],
  ['an API key of another prefix', `key acme_live_${'A'.repeat(20)}_secretsecret`, 'secretsecret'],
  ['an invite code', 'tried SB-ADMIN-K7MQ4XWP', 'K7MQ4XWP'],
  ['a bearer value', 'Authorization: Bearer abcdef0123456789', 'abcdef0123456789'],
  ['a cookie', '__Host-token=abc.def.ghi; x=1', 'abc.def.ghi'],
  ['an invite link', '/auth/login#invite=0123456789abcdef', '0123456789abcdef'],
] as const;
const SECRETS = SHOWN.map(([, text]) => text);

test.each(SHOWN)('SB16: %s never appears', (_name, line, secret) => {
  expect(redactLine(line)).not.toContain(secret);
});

test('WK4: a terminal or a line reader finds nothing to obey', () => {
  const line = redactLine(JSON.stringify({ path: '/a\u001b[31m\u009b1m\u2028{"forged":1}\r\n\u202e' }));
  // eslint-disable-next-line no-control-regex
  expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/);
});

test('an ordinary line is left as it is', () => {
  const line = '{"msg":"GET /api/chats 200","route":"routes[1]"}';
  expect(redactLine(line)).toBe(line);
});

test('SB16, T25: the look at what is suspicious lets nothing through that would be changed', () => {
  const pieces = [
    ...SECRETS,
    'a',
    'Z',
    '9',
    '/',
    '-',
    '_',
    '=',
    ' ',
    '"',
    '\\',
    '\u0007',
    '\u0085',
    '\u2028',
    'bearer',
    'token',
    'é',
  ];
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary' })), { maxLength: 8 }),
      (parts) => {
        const text = `${parts.join('')}.`;
        expect(redactLine(text)).toBe(escapeControls(redactSecrets(text)));
      },
    ),
  );
});
