import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createControlApp, controlHandler } from '../../packages/gateway/src/http/app.ts';
import { loginPage } from '../../packages/gateway/src/http/login-page.ts';
import { publicContext } from './control-context.ts';

/** What the page's own requests are answered with. */
export interface Canned {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The log-in page as the gate serves it, over operations with canned answers. */
export interface PageServer {
  readonly origin: string;
  /** Bodies of log-ins in the order they came. */
  readonly logins: readonly unknown[];
  /** Sets what the operations answer from here on, and forgets the log-ins. */
  answer(operations: { session: Canned; login: Canned }): void;
  close(): Promise<void>;
}

const NOT_SET: Canned = { status: 500 };

/** Starts the page on a free port of the loopback address. */
export async function startPageServer(): Promise<PageServer> {
  let operations = { session: NOT_SET, login: NOT_SET };
  const logins: unknown[] = [];
  const app = createControlApp((error) => {
    throw error;
  });
  loginPage(app);
  await app.ready();
  const handle = controlHandler(app);

  async function serve(raw: IncomingMessage, answer: ServerResponse): Promise<void> {
    const target = raw.url ?? '/';
    const { pathname } = new URL(target, 'http://localhost');
    if (pathname === '/auth/session') return send(answer, operations.session);
    if (pathname === '/auth/login' && raw.method === 'POST') {
      logins.push(JSON.parse((await raw.toArray()).join('')));
      return send(answer, operations.login);
    }
    if (pathname.startsWith('/auth/')) return handle(raw, answer, publicContext(target));
    return send(answer, { status: 200, headers: { 'content-type': 'text/plain' } });
  }

  const server = createServer((raw, answer) => void serve(raw, answer));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The server listens on TCP, so its address is no pipe's name.
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    logins,
    answer: (next) => {
      operations = next;
      logins.length = 0;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(answer: ServerResponse, { status, body, headers }: Canned): void {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  answer.writeHead(status, { 'content-type': type, ...headers }).end(JSON.stringify(body ?? {}));
}
