import { z } from 'zod';

import { name, oneOrMany, permission, refuse, text } from './fields.ts';

const OPERATION = /^(GET|HEAD|POST|PUT|PATCH|DELETE) \/\S*$/;

const operationRecord = <T extends z.ZodType>(value: T) =>
  z.record(text('a method and a path', OPERATION, 'POST /api/chats'), value).prefault({});

const jsonPath = () => text('a JSON path of the form $.name.list[*].id', /^\$(\.[^.[\]\s]+|\[\*\])*$/, '$.chats[*].id');
const idPlace = () =>
  text('a JSON path, nor query:name', /^(\$(\.[^.[\]\s]+|\[\*\])*|query:[^\s=&]+)$/, '$.chatIds[*] or query:id');
const operation = () => text('a method and a path', OPERATION, 'DELETE /api/chats/{id}');

const messages = z.strictObject({
  path: z.string().startsWith('/').describe('Path of the socket.'),
  type: jsonPath().describe('Where a message names its type.'),
  send: z.record(z.string().min(1), permission()).describe('Message type → permission. Other types are dropped.'),
  id: jsonPath().describe('Where a message names its object.'),
});

const events = z.strictObject({
  path: z.string().startsWith('/').describe('Path of the stream or socket.'),
  id: jsonPath().describe('Where a message names its object.'),
});

const ownership = z.strictObject({
  resource: name().describe('What the objects are called, such as `chat`.'),
  upstream: name().optional().describe('Name of the upstream. May be left out when there is one only.'),
  idPattern: z
    .string()
    .min(1)
    .superRefine((pattern, ctx) => {
      if (!isRegularExpression(pattern)) refuse(ctx, 'is not a regular expression', 'For example [0-9a-f-]{36}.');
    })
    .describe('Regular expression for the whole id: its one spelling. Others are 404.'),
  creates: operationRecord(jsonPath()).describe('Operation → where the answer names the new object.'),
  guards: z
    .array(z.string().startsWith('/'))
    .prefault([])
    .describe("Paths with `{id}`, whatever the method: the object must be the caller's."),
  ids: operationRecord(oneOrMany(idPlace())).describe(
    'Operation → where the request names objects: JSON paths of the body, or `query:name`.',
  ),
  lists: operationRecord(oneOrMany(jsonPath())).describe(
    'Operation → where the answer names objects; elements of others are removed.',
  ),
  deletes: z.array(operation()).prefault([]).describe("Operations whose success deletes the path's object."),
  events: oneOrMany(events).prefault([]).describe("Streams and sockets: messages about others' objects are dropped."),
  messages: oneOrMany(messages).prefault([]).describe('What may go up a socket. Without it nothing does.'),
  unowned: operationRecord(z.string().min(1)).describe('Operation → why it touches no object.'),
});

/** Whose object is whose. */
export const ownershipSchema = z
  .array(ownership)
  .prefault([])
  .describe(
    'Objects that belong to who created them. Under an isolated upstream, operations that are not declared here are refused.',
  );

function isRegularExpression(pattern: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u') instanceof RegExp;
  } catch (cause) {
    if (cause instanceof SyntaxError) return false;
    throw cause;
  }
}
