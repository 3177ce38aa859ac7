import { describe, expect, it } from 'vitest';

import { NO_BODY, request } from '../../test/fixtures.ts';
import { encodeUtf8 } from '../egress/secret-forms.ts';
import { compileJsonPath } from '../json/path.ts';
import { chosenId } from './chosen-id.ts';
import type { JsonPath } from './operation.ts';

const JSON_TYPE = ['content-type', 'application/json'];

function path(text: string): JsonPath {
  const compiled = compileJsonPath(text);
  if ('problem' in compiled) throw new Error(compiled.problem);
  return compiled;
}

function creation(sent: {
  text?: string;
  headers?: readonly string[];
  query?: string;
  bodyBytes?: number | undefined;
}) {
  const { text = '', headers = JSON_TYPE, query = '' } = sent;
  const bodyBytes = 'bodyBytes' in sent ? sent.bodyBytes : text.length;
  return {
    request: { ...request({ method: 'POST', headers, query }), bodyBytes },
    body: {
      ...NO_BODY,
      json: async (): Promise<unknown> => JSON.parse(text),
      bytes: async () => encodeUtf8(text),
      text: async () => ({ text, isUtf8: true }),
    },
  };
}

describe('T5: the id that a creation chooses', () => {
  it.each([
    ['$.id', '{"id":"x"}', true],
    ['$.chat.id', '{"chat":{"id":"x"}}', true],
    ['$.chat.id', '{"id":"x"}', true],
    ['$.chat.id', '{"chat":{"title":"x"}}', false],
    ['$.chats[*].id', '{"chats":[{"a":1},{"ID":"x"}]}', true],
    ['$.chats[*].id', '{"chats":{"id":"x"}}', true],
    ['$.chats[*].id', '[{"id":"x"}]', false],
    ['$.id', '{"id":null,"title":"id"}', false],
    ['$.id', '"id"', false],
  ])('of %s is in %s: %s', async (at, text, isChosen) => {
    const name = 'body:id';
    expect(await chosenId(creation({ text }), path(at))).toEqual(isChosen ? { field: name } : undefined);
  });

  it('is none where the answer has no name for it', async () => {
    expect(await chosenId(creation({ text: '["x"]' }), path('$[*]'))).toBeUndefined();
  });

  it('is looked for in the query before the body', async () => {
    expect(await chosenId(creation({ text: '{}', query: 'a=1;ID=x' }), path('$.id'))).toEqual({ field: 'query:id' });
  });

  it.each([
    ['of no type', []],
    ['of two types', [...JSON_TYPE, 'content-type', 'text/plain']],
    ['of an empty type', ['content-type', ';']],
    ['of compressed JSON', [...JSON_TYPE, 'content-encoding', 'gzip']],
  ])('could hide in a body %s, which is refused unless it is empty', async (_, headers) => {
    expect(await chosenId(creation({ text: 'x', headers }), path('$.id'))).toBe('unreadable');
    expect(await chosenId(creation({ headers, bodyBytes: undefined }), path('$.id'))).toBeUndefined();
  });

  it('is found in any part of a form, quoted, bare or encoded', async () => {
    const headers = ['content-type', 'Multipart/Form-Data; boundary=b'];
    for (const name of ['name="id"', 'NAME = id', 'name="i%64"', 'name="id[]"', "name*=utf-8''x; name=id"]) {
      const text = `--b\r\nContent-Disposition: form-data; ${name}\r\n\r\nx\r\n--b--`;
      expect(await chosenId(creation({ text, headers }), path('$.id'))).toEqual({ field: 'body:id' });
    }
    expect(await chosenId(creation({ text: 'name=""', headers }), path('$.id'))).toBeUndefined();
  });
});
