import type { App } from './app.ts';
import { sendJson } from './http.ts';
import type { Call } from './http.ts';
import { ProblemError } from './problem.ts';
import type { Route } from './router.ts';

/** Everything that belongs to no chat. */
export const WORKSPACE_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/api/dashboard', handle: dashboard },
  { method: 'GET', path: '/api/config', handle: config },
  { method: 'GET', path: '/healthz', handle: health },
  { method: 'GET', path: '/ws', handle: refusePlainRequest },
  { method: 'GET', path: '/', handle: page },
  { method: 'GET', path: '/assets/{id}', handle: page },
];

function dashboard(app: App, { response }: Call): void {
  sendJson(response, 200, { ...app.chats.figures(), model: app.model.name });
}

/**
 * Leaks the voice provider's key, on purpose: real front ends are often handed one this way. The gate scrubs it
 * from the answer, and this route is how one sees that it does.
 */
function config(app: App, { response }: Call): void {
  sendJson(response, 200, {
    model: app.model.name,
    voice: { provider: 'demo-voice', apiKey: app.settings.voiceApiKey },
  });
}

function health(_app: App, { response }: Call): void {
  sendJson(response, 200, { status: 'ok' });
}

function refusePlainRequest(): void {
  throw new ProblemError('upgrade-required', 'Connect with a WebSocket.', { upgrade: 'websocket' });
}

function page(app: App, { id, response }: Call): void {
  const file = app.pages.get(id === '' ? 'index.html' : `assets/${id}`);
  if (file === undefined) throw new ProblemError('not-found', 'There is no such file.');

  response.writeHead(200, { 'content-type': file.type, 'cache-control': 'no-cache' });
  response.end(file.bytes);
}
