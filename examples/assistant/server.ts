import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { join } from 'node:path';
import type { App } from './app.ts';
import { CHAT_ROUTES } from './chat-routes.ts';
import { ChatStore } from './chats.ts';
import { EventHub } from './events.ts';
import { LiveSockets } from './live.ts';
import { cannedModel } from './model.ts';
import { loadPages } from './pages.ts';
import { requestHandler } from './router.ts';
import { readSettings } from './settings.ts';
import type { Settings } from './settings.ts';
import { WORKSPACE_ROUTES } from './workspace-routes.ts';

const STOP_MS_MAX = 1_000;

// A forked application belongs to its parent: it reports its port there, and ends when the parent does.
const isForked = process.send !== undefined;
const app = composeApp(readSettings(process.env, isForked));
const live = new LiveSockets(app);
const server = listen(app, live);

process.on('SIGTERM', () => stop(server, live));
// Ctrl-C reaches the whole process group; a parent that drains still needs its upstream.
process.on('SIGINT', () => isForked || stop(server, live));
process.on('disconnect', () => process.exit(0));

function composeApp(settings: Settings): App {
  const events = new EventHub();
  return {
    settings,
    events,
    chats: new ChatStore({ events, nowMs: Date.now }),
    model: cannedModel(settings),
    pages: loadPages(join(import.meta.dirname, 'public')),
  };
}

function listen(composed: App, sockets: LiveSockets): Server {
  const handle = requestHandler(composed, [...CHAT_ROUTES, ...WORKSPACE_ROUTES]);
  const created = createServer((request, response) => void handle(request, response));
  created.on('upgrade', (request, stream, head) => sockets.upgrade(request, stream, head));
  return created.listen(composed.settings.port, composed.settings.host, () => announce(created));
}

function announce(listening: Server): void {
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no TCP port.');

  if (process.send !== undefined) process.send({ port: address.port });
  else console.log(`The assistant listens on http://${app.settings.host}:${address.port}, open to whoever reaches it.`);
}

function stop(listening: Server, sockets: LiveSockets): void {
  sockets.close();
  // A WebSocket whose other side is gone would hold the process for half a minute.
  setTimeout(() => process.exit(0), STOP_MS_MAX).unref();
  listening.close(() => process.exit(0));
  listening.closeAllConnections();
}
