import { readFileSync, writeFileSync } from 'node:fs';

import { openApiDocument } from '@steadygate/contract';
import { editorSchema } from './config/editor-schema.ts';
import { referencePage } from './config/reference-page.ts';
import { metricsPage } from './metrics-page.ts';
import { problemsPage } from './problems-page.ts';
import { VERSION } from './version.ts';

/** The files that are made from the code; `--check` tells whether they are as they should be. */
const FILES = [
  { url: new URL('../../../docs/configuration.md', import.meta.url), make: referencePage },
  { url: new URL('../steadygate.schema.json', import.meta.url), make: editorSchema },
  { url: new URL('../../../docs/problems.md', import.meta.url), make: problemsPage },
  { url: new URL('../../../docs/metrics.md', import.meta.url), make: metricsPage },
  { url: new URL('../../../docs/openapi.json', import.meta.url), make: openApiText },
] as const;

const isCheck = process.argv.includes('--check');
const stale = FILES.filter(({ url, make }) => textOf(url) !== make());

for (const { url, make } of stale) {
  if (isCheck) process.stderr.write(`${url.pathname} is not what the code says. Run: npm run generate\n`);
  else writeFileSync(url, make());
}

if (isCheck && stale.length > 0) process.exitCode = 1;

function openApiText(): string {
  return `${JSON.stringify(openApiDocument(VERSION), undefined, 2)}\n`;
}

function textOf(url: URL): string | undefined {
  try {
    return readFileSync(url, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
}
