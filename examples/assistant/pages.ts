import { readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';

/** The front end by path, like `assets/app.js`. */
export type Pages = ReadonlyMap<string, { readonly type: string; readonly bytes: Buffer }>;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Reads the front end once, so that no request ever names a file of the machine. */
export function loadPages(folder: string): Pages {
  const paths = ['index.html', ...readdirSync(join(folder, 'assets')).map((name) => `assets/${name}`)];
  return new Map(paths.map((path) => [path, { type: typeOf(path), bytes: readFileSync(join(folder, path)) }]));
}

function typeOf(path: string): string {
  return TYPES[extname(path)] ?? 'application/octet-stream';
}
