import { existsSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ProblemError } from '@steadygate/core';
import { contextOf } from './app.ts';
import { readStaticFile, sendStaticFile, type StaticFile } from './static-file.ts';

const BASE = '/console/';
/** Names in this folder carry a digest of their content. */
const ASSETS = '/console/assets/';

/**
 * Serves the built console of `directory`, read once at start; a console that is not built says how to build it.
 *
 * A request's path is only ever a key of the files read at start, so no path can reach another file.
 */
export function consoleRoutes(app: FastifyInstance, directory: string): void {
  const files = readFiles(directory);
  app.get('/console', async (_request, reply) => reply.redirect(BASE, 308));
  app.get('/console/*', async (request, reply) => serve(files, request, reply));
}

function serve(files: ReadonlyMap<string, StaticFile>, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { path } = contextOf(request.raw).request;
  const index = files.get(`${BASE}index.html`);
  if (index === undefined) {
    throw new ProblemError('unavailable', { detail: 'The console is not built. Run: npm run build' });
  }
  const isAsset = path.startsWith(ASSETS);
  const file = files.get(path);
  if (file !== undefined) return sendStaticFile(request, reply, { file, isImmutable: isAsset });
  // A page of an older build asks for assets that are gone: HTML in their place would be a puzzling syntax error.
  if (isAsset) throw new ProblemError('not-found');
  return sendStaticFile(request, reply, { file: index });
}

function readFiles(directory: string): ReadonlyMap<string, StaticFile> {
  const files = new Map<string, StaticFile>();
  if (!existsSync(directory)) return files;
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    // Links are skipped: they could lead out of the directory.
    if (!entry.isFile() || entry.name.startsWith('.')) continue;
    const path = join(entry.parentPath, entry.name);
    const file = readStaticFile(path);
    if (file !== undefined) files.set(BASE + relative(directory, path).split(sep).join('/'), file);
  }
  return files;
}
