import { z } from 'zod';

import { text } from './fields.ts';

const FILE = /^[^\0]{1,4096}$/;
const BASE_PATH = /^(?:\/[^?#\s\\]*[^?#\s\\/])?$/;

const file = () => text('the name of a file', FILE, 'openapi.yaml');
const mode = () => z.enum(['enforce', 'shadow', 'off']);
const basePath = () => text('a path without a slash at its end', BASE_PATH, '/v1');
const unknownProperties = () => z.enum(['refuse', 'allow']);
const unmatched = () => z.enum(['refuse', 'pass']);
const answers = () => z.enum(['off', 'shadow']);

/** By which OpenAPI document requests are judged. Without it by none. */
export const openApiSchema = z
  .strictObject({
    file: file().describe('OpenAPI 3.0 or 3.1, YAML or JSON, relative to the configuration file.'),
    mode: mode()
      .default('enforce')
      .describe('`shadow` records what would be refused. Without `guards.schema` no request is judged.'),
    basePath: basePath().optional().describe('Before every path of the document. Absent: as its `servers` say.'),
    unknownProperties: unknownProperties()
      .default('refuse')
      .describe('Properties, parameters of the query and bodies that the document does not list.'),
    unmatched: unmatched()
      .default('refuse')
      .describe('Requests that match no operation: `refuse` answers 404 or 405, `pass` only records them.'),
    answers: answers()
      .default('off')
      .describe('`shadow` judges answers, too, and records what differs. An answer is never changed for it.'),
  })
  .describe('Requests must match their operation in an OpenAPI document. Off unless this is written.');

/** The document of one route, where it differs. */
export const routeOpenApiSchema = z
  .strictObject({
    file: file().optional().describe('Absent: as `guards.schema.file`.'),
    mode: mode().optional().describe('Absent: as `guards.schema.mode`, or `enforce`.'),
    basePath: basePath()
      .optional()
      .describe('Absent: as `guards.schema.basePath`, unless the route has a file of its own.'),
    unknownProperties: unknownProperties().optional().describe('Absent: as `guards.schema.unknownProperties`.'),
    unmatched: unmatched().optional().describe('Absent: as `guards.schema.unmatched`.'),
    answers: answers().optional().describe('Absent: as `guards.schema.answers`.'),
  })
  .describe('The OpenAPI document of this route.');
