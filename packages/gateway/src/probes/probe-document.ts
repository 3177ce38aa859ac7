import type { Api } from '@steadygate/core';
import { apiKey } from '../config/to-openapi.ts';
import { loadApi } from '../openapi/load-api.ts';
import type { MirrorNames } from './mirror-config.ts';

/** The settings of the route that the probes' own document describes. */
export function probeDocument({ described }: Pick<MirrorNames, 'described'>) {
  return {
    file: `${described}.json`,
    mode: 'enforce',
    basePath: described,
    unknownProperties: 'refuse',
    unmatched: 'refuse',
    answers: 'off',
  } as const;
}

/** That document, compiled as every other, under the key by which its route finds it. */
export function probeApi(names: Pick<MirrorNames, 'described'>): readonly [string, Api] {
  const settings = probeDocument(names);
  const { file, basePath } = settings;
  const read = (path: string) => ({ path, text: JSON.stringify(DOCUMENT), mode: 0o600 });
  const loaded = loadApi({ file, path: file, basePath, isClosed: true, judgesAnswers: false }, { read });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return [apiKey(settings), loaded.api];
}

const DOCUMENT = {
  openapi: '3.1.0',
  info: { title: 'what probes send', version: '1' },
  paths: {
    '/items/{id}': {
      put: {
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'integer' } },
          { name: 'limit', in: 'query', schema: { type: 'integer', maximum: 10 } },
          { name: 'x-sg-probe', in: 'header', schema: { enum: ['a', 'b'] } },
          { name: 'sg-probe', in: 'cookie', schema: { type: 'boolean' } },
        ],
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['name'],
                properties: { name: { type: 'string', maxLength: 8 }, id: { type: 'integer', readOnly: true } },
              },
            },
          },
        },
      },
    },
  },
};
