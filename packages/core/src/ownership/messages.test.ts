import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileJsonPath } from '../json/path.ts';
import { inboundMessage, outboundId } from './messages.ts';
import type { JsonPath, Resource } from './operation.ts';

const CHAT: Resource = { upstream: 'app', name: 'chat', config: 'ownership[0]', isId: (id) => /^[a-z]$/.test(id) };

function path(text: string): JsonPath {
  const compiled = compileJsonPath(text);
  if ('problem' in compiled) throw new Error(compiled.problem);
  return compiled;
}

const MESSAGES = {
  resource: CHAT,
  type: path('$.type'),
  id: path('$.chat.id'),
  send: new Map([['say', 'chats:write']]),
};
const EVENTS = { resource: CHAT, at: path('$.chatId') };

describe('inboundMessage', () => {
  it('tells permission and object, and writes anew what it judged', () => {
    const text = ' {"type":"s\\u0061y", "chat":{"id":"a"}, "__proto__":1}';
    expect(inboundMessage(MESSAGES, text)).toEqual({
      ok: true,
      permission: 'chats:write',
      objectId: 'a',
      text: '{"type":"say","chat":{"id":"a"},"__proto__":1}',
    });
  });

  it.each([
    ['hello', 'not JSON'],
    ['[]', 'message type absent'],
    ['{"chat":{"id":"a"}}', 'message type absent'],
    ['{"type":"shout","chat":{"id":"a"}}', 'message type undeclared'],
    ['{"type":"toString","chat":{"id":"a"}}', 'message type undeclared'],
    ['{"type":["say"],"chat":{"id":"a"}}', 'message type undeclared'],
    ['{"type":"say","Type":"delete","chat":{"id":"a"}}', 'message type ambiguous'],
    ['{"type":"say","type":"delete","chat":{"id":"a"}}', 'duplicate key'],
    ['{"type":"say"}', 'message id absent'],
    ['{"type":"say","chat":{}}', 'message id absent'],
    ['{"type":"say","chat":{"id":"A"}}', 'message id not canonical'],
    ['{"type":"say","chat":{"id":["a"]}}', 'message id not canonical'],
    ['{"type":"say","chat":{"id":"a","ID":"b"}}', 'message id ambiguous'],
    ['{"type":"say","chat":{"id":"a"},"Chat":{"id":"b"}}', 'message id ambiguous'],
  ])('T7: %s does not go up: %s', (text, rule) => {
    expect(inboundMessage(MESSAGES, text)).toMatchObject({ ok: false, rule });
  });

  it('T7: what is sent is judged the same again', () => {
    const message = fc.record({
      type: fc.constantFrom('say', 'x'),
      chat: fc.record({ id: fc.constantFrom('a', 'B', 1) }),
      more: fc.jsonValue(),
    });
    fc.assert(
      fc.property(message, (value) => {
        const judged = inboundMessage(MESSAGES, JSON.stringify(value));
        expect(judged.ok ? inboundMessage(MESSAGES, judged.text) : judged).toEqual(judged);
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        expect(inboundMessage(MESSAGES, text).ok).toBeTypeOf('boolean');
        expect(outboundId(EVENTS, text) ?? 'a').toMatch(/^[a-z]$/);
      }),
    );
  });
});

describe('outboundId', () => {
  it.each([
    ['{"chatId":"a","text":"x"}', 'a'],
    ['{"chatId":"A"}', undefined],
    ['{"text":"x"}', undefined],
    ['{"chatId":"a","chatId":"b"}', undefined],
    ['ping', undefined],
    ['', undefined],
  ])('T7: %s belongs to %s', (text, id) => {
    expect(outboundId(EVENTS, text)).toBe(id);
  });
});
