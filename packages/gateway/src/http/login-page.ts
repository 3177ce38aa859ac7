import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { readStaticFile, sendStaticFile } from './static-file.ts';

/** Beside `src` and `dist`, so that it is found from either. */
const PAGE_DIRECTORY = fileURLToPath(new URL('../../pages/login/', import.meta.url));

const FILES: Readonly<Record<string, string>> = {
  '/auth/login': 'login.html',
  '/auth/login.css': 'login.css',
  '/auth/login.js': 'login.js',
};

/**
 * Serves the log-in page, read once at start.
 *
 * @throws when its files are missing: a gate that nobody can log in to does not start
 */
export function loginPage(app: FastifyInstance, directory: string = PAGE_DIRECTORY): void {
  for (const [path, name] of Object.entries(FILES)) {
    const file = readStaticFile(join(directory, name));
    if (file === undefined) throw new Error(`${name} is of a kind that is not served`);
    app.get(path, async (request, reply) => sendStaticFile(request, reply, { file }));
  }
}
