import { z } from 'zod';

import { integer, text } from './fields.ts';

const FIELD = /^(?:query|body)(?::\S{1,256})?$/;
const TENANT = /^[a-z0-9][a-z0-9_-]{0,63}$/;

const amount = (most: number) => z.union([z.literal('off'), integer(0, most)]);
const characters = () => amount(16_777_216);
const several = () => amount(1000);

const mode = () => z.enum(['enforce', 'shadow', 'off']);
const onExcess = () => z.enum(['refuse', 'violation']);
const fields = () => z.array(text('a field of a request', FIELD, 'body:$.text, body:comment or query:q')).min(1);

const limits = {
  charactersMax: characters().optional().describe('Of each text. `off`: as many as the body may have.'),
  urlsMax: several().optional().describe('Of the request.'),
  phonesMax: several().optional().describe('Of the request.'),
};

const tenants = () =>
  z.record(z.string().regex(TENANT), z.strictObject(limits)).prefault({}).describe('By tenant: limits that differ.');

/** What texts may hold. Without it they may hold anything. */
export const textSchema = z
  .strictObject({
    mode: mode()
      .default('enforce')
      .describe('`shadow` records what would be refused. Without `guards.text` no text is judged.'),
    charactersMax: characters()
      .prefault(8192)
      .describe('Characters (Unicode code points) of each text at most. `off`: as many as the body may have.'),
    urlsMax: several().prefault(5).describe('Web addresses in all texts of a request together at most, or `off`.'),
    phonesMax: several()
      .prefault(3)
      .describe('Telephone numbers in all texts of a request together at most, or `off`.'),
    fields: fields()
      .optional()
      .describe(
        'Which texts have limits: `body:$.text`, `body:comment`, `query:q`, each with what lies below it; `*` stands for any text. Absent: all of query and body. Encoding is judged everywhere.',
      ),
    onExcess: onExcess()
      .default('violation')
      .describe('Whether a refusal also counts against the caller, as an attack does, or is only a refusal.'),
    tenants: tenants(),
  })
  .describe(
    'Length and encoding of texts, and how many web addresses and telephone numbers they hold. Off unless this is written.',
  );

/** What texts of one route may hold, where it differs. */
export const routeTextSchema = z
  .strictObject({
    mode: mode().optional().describe('Absent: as `guards.text.mode`, or `enforce`.'),
    ...limits,
    fields: fields().optional().describe('Absent: as `guards.text.fields`.'),
    onExcess: onExcess().optional().describe('Absent: as `guards.text.onExcess`.'),
    tenants: tenants(),
  })
  .describe('What texts may hold on this route.');
