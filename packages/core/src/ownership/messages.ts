import type { Permission } from '../access.ts';
import { parseExactJson } from '../json/exact.ts';
import { parseStrictJson } from '../json/parse.ts';
import { selectAll, selectStrict } from '../json/path.ts';
import type { Operation, SocketMessages } from './operation.ts';
import { readId } from './read-id.ts';

/** What a message that wants up a socket needs, and what is sent of it. */
export type InboundMessage =
  | {
      readonly ok: true;
      readonly permission: Permission;
      readonly objectId: string;
      /** Written anew from what was judged: no second reading of it reaches the upstream. */
      readonly text: string;
    }
  | { readonly ok: false; readonly rule: string };

/**
 * Judges one message of a client (T7): its type must be declared, its object named once and in the one spelling.
 *
 * Permission and ownership are the caller's to check.
 */
export function inboundMessage(messages: SocketMessages, text: string): InboundMessage {
  const parsed = parseStrictJson(text);
  if (!parsed.ok) return parsed;
  const type = selectStrict(parsed.value, messages.type);
  if (!type.ok) return { ok: false, rule: `message type ${type.rule}` };
  const [name] = type.values;
  const permission = typeof name === 'string' ? messages.send.get(name) : undefined;
  if (permission === undefined) return { ok: false, rule: 'message type undeclared' };

  const object = selectStrict(parsed.value, messages.id);
  if (!object.ok) return { ok: false, rule: `message id ${object.rule}` };
  const objectId = readId(messages.resource, object.values[0]);
  if (objectId === undefined) return { ok: false, rule: 'message id not canonical' };
  return { ok: true, permission, objectId, text: JSON.stringify(parseExactJson(text)) };
}

/** The object that a message or event coming down belongs to; undefined: it must be dropped (T7). */
export function outboundId(events: NonNullable<Operation['events']>, text: string): string | undefined {
  const parsed = parseStrictJson(text);
  if (!parsed.ok) return undefined;
  return readId(events.resource, selectAll(parsed.value, events.at)[0]);
}
