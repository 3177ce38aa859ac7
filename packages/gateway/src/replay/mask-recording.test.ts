import { describe, expect, test } from 'vitest';
import { maskBody, maskField, maskPairs, recordingLine } from './mask-recording.ts';

describe('T25: what is recorded is masked before it is written', () => {
  test.each([
    ['authorization', 'Bearer abc.def.ghi', '[masked]'],
    ['x-api-key', 'anything', '[masked]'],
    [
      'cookie',
      'a=abcdef0123; theme={"dark":1}; __Host-token=eyJhbGciOi.x.y',
      'a=[masked]; theme={"dark":1}; __Host-token=[secret]',
    ],
    ['x-note', 'mail bob@example.com or +49 170 1234567', 'mail [email] or +00 000 0000000'],
    ['user-agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0)', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0)'],
  ])('field %s: %s', (name, value, kept) => {
    expect(maskField(name, value)).toBe(kept);
  });

  test('a query and a form keep their names and their attacks', () => {
    expect(
      maskPairs('password=hunter2&q=%27+OR+1=1--&access_token=abc&card=4111111111111111&n=4111 1111 1111 1111'),
    ).toBe('password=[masked]&q=%27+OR+1=1--&access_token=[masked]&card=[masked]&n=0000 0000 0000 0000');
  });

  test('JSON keeps its form, however malformed', () => {
    const body = '{"password":"a\\"b","n":{"apiKey": 12345, "author":"Ada"},"invite":"x","q":"<script>",';
    expect(maskBody(body, 'application/json')).toBe(
      '{"password":"[masked]","n":{"apiKey": "[masked]", "author":"Ada"},"invite":"[masked]","q":"<script>",',
    );
  });

  test('a form is masked as one', () => {
    expect(maskBody('pwd=a&b=c', 'application/x-www-form-urlencoded; charset=utf-8')).toBe('pwd=[masked]&b=c');
  });

  test('credentials are known by their shape wherever they stand', () => {
    expect(maskBody('see SB-ADMIN-K7MQ4XWP, eyJhbGciOiJF.eyJzdWIiOiI.sig', 'text/plain')).toBe('see [invite], [token]');
  });

  test('a line obeys no terminal', () => {
    expect(recordingLine({ a: '\u001b[31m\u202e\u2028' })).toBe('{"a":"\\u001b[31m\\u202e\\u2028"}');
  });
});
