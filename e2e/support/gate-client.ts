import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningGate } from './gate.ts';

type Json = Readonly<Record<string, unknown>>;

/** A request to the last header field; fields may repeat. */
export interface Sent {
  readonly method?: string;
  readonly headers?: readonly (readonly [string, string])[];
  /** A value is sent as JSON, a text as it is. */
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Cookies that the answer sets, by name; empty for those that it clears. */
  readonly cookies: ReadonlyMap<string, string>;
  readonly setCookie: readonly string[];
  readonly body: Json;
}

/** Somebody who is signed in by cookies. */
export interface Person {
  readonly cookies: Map<string, string>;
  readonly csrfToken: string;
  readonly userId: string;
  readonly sessionId: string;
  /** With the cookies, and with the CSRF token where something changes. Keeps the cookies that come back. */
  send(method: string, path: string, body?: unknown): Promise<Answer>;
  /** The `Cookie` field as it is now. */
  cookie(): [string, string];
}

/** What a client that is no browser holds. */
export interface Tokens {
  readonly token: string;
  readonly refreshToken: string;
  readonly userId: string;
  readonly sessionId: string;
}

export type GateClient = ReturnType<typeof gateClient>;

/** Speaks to a gate, header by header, and remembers every secret that it ever saw. */
export function gateClient(gate: RunningGate) {
  const secrets = new Set<string>();

  async function send(path: string, sent: Sent = {}): Promise<Answer> {
    const answer = await exchange(gate, path, sent);
    for (const value of answer.cookies.values()) if (value !== '') secrets.add(value);
    for (const name of ['token', 'refreshToken', 'csrfToken', 'invite']) {
      const value = answer.body[name];
      if (typeof value === 'string') secrets.add(value);
    }
    return answer;
  }

  function logInWith(body: Json): Promise<Answer> {
    for (const value of Object.values(body)) if (typeof value === 'string' && value.length > 12) secrets.add(value);
    return send('/auth/login', { method: 'POST', body });
  }

  async function logIn(inviteCode: string): Promise<Person> {
    const answer = await logInWith({ inviteCode });
    if (answer.status !== 200) throw new Error(`log-in failed: ${answer.status} ${JSON.stringify(answer.body)}`);
    return personOf(send, answer);
  }

  async function inviteFrom(person: Person, body: Json): Promise<string> {
    const made = await person.send('POST', '/control/v1/invites', body);
    secrets.add(text(made.body['link']).split('#').at(-1) ?? '');
    return text(made.body['invite']);
  }

  const codes = new Map<string, Promise<string>>();

  /** An invite of a role that many may use: a command costs a process. */
  function codeFor(role: string): Promise<string> {
    const many = (): Promise<string> =>
      inviter === undefined ? invite(role, '--uses', '1000') : inviteFrom(inviter, { role, uses: 1000 });
    const code = codes.get(role) ?? many();
    codes.set(role, code);
    return code;
  }

  async function bearer(inviteCode: string): Promise<Tokens> {
    const { status, body } = await logInWith({ inviteCode, tokenDelivery: 'body' });
    if (status !== 200) throw new Error(`log-in failed: ${status} ${JSON.stringify(body)}`);
    return { token: text(body['token']), refreshToken: text(body['refreshToken']), ...idsOf(body) };
  }

  let inviter: Person | undefined;

  /** By the inviter, else by the operator, whose options these are. */
  async function invite(role: string, ...options: readonly string[]): Promise<string> {
    if (inviter !== undefined && options.length === 0) return inviteFrom(inviter, { role });
    const made = await gate.operator('invite', 'create', '--role', role, ...options);
    secrets.add(text(made['invite'])).add(text(made['link']).split('#').at(-1) ?? '');
    return text(made['invite']);
  }

  const newPerson = async (role: string): Promise<Person> => logIn(await codeFor(role));
  const newTokens = async (role: string): Promise<Tokens> => bearer(await codeFor(role));
  const fromLogIn = (loggedIn: Pick<Answer, 'body' | 'cookies'>): Person => personOf(send, loggedIn);
  /** Invites are issued over HTTP by this administrator from now on: an operator's command costs a process. */
  const inviteThrough = (person: Person): void => {
    inviter = person;
  };
  return {
    send,
    logInWith,
    inviteThrough,
    logIn,
    invite,
    personOf: fromLogIn,
    codeFor,
    newPerson,
    newTokens,
    secrets,
    leaks: () => leaksOf(gate, secrets),
  };
}

/** Which secrets stand where none should: in logs or in the decision file, once everything so far was written down. */
async function leaksOf(gate: RunningGate, secrets: ReadonlySet<string>): Promise<readonly string[]> {
  const last = await exchange(gate, '/leaks-are-looked-for', {});
  const lastId = text(last.headers['x-request-id']);
  let decisions = '';
  // Denials are always kept; the file is written several times a second.
  while (!decisions.includes(lastId)) {
    await sleep(50);
    decisions = decisionsOf(gate);
  }
  // The first line is where the first invite is meant to be shown in development.
  const written = [...gate.lines.slice(1), gate.stderr(), decisions].join('\n');
  return [...secrets].filter((secret) => written.includes(secret));
}

function decisionsOf(gate: RunningGate): string {
  const directory = join(gate.dataDir, 'decisions');
  if (!existsSync(directory)) return '';
  return readdirSync(directory)
    .map((name) => readFileSync(join(directory, name), 'utf8'))
    .join('\n');
}

function personOf(
  send: (path: string, sent?: Sent) => Promise<Answer>,
  loggedIn: Pick<Answer, 'body' | 'cookies'>,
): Person {
  const cookies = new Map(loggedIn.cookies);
  const csrfToken = text(loggedIn.body['csrfToken']);
  const cookie = (): [string, string] => ['cookie', [...cookies].map((pair) => pair.join('=')).join('; ')];
  return {
    cookies,
    csrfToken,
    cookie,
    ...idsOf(loggedIn.body),
    async send(method, path, body) {
      const isSafe = method === 'GET' || method === 'HEAD';
      const token: [string, string][] = isSafe ? [] : [['x-csrf-token', csrfToken]];
      const answer = await send(path, { method, headers: [cookie(), ...token], body });
      for (const [name, value] of answer.cookies) cookies.set(name, value);
      return answer;
    },
  };
}

function idsOf(body: Json): { userId: string; sessionId: string } {
  const user = body['user'];
  const userId = typeof user === 'object' && user !== null && 'id' in user ? text(user.id) : '';
  return { userId, sessionId: text(body['sessionId']) };
}

function exchange(gate: RunningGate, path: string, { method = 'GET', headers = [], body }: Sent): Promise<Answer> {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const has = (name: string): boolean => headers.some(([given]) => given.toLowerCase() === name);
  const fields = [
    ...(has('host') ? [] : ['host', `127.0.0.1:${gate.port}`]),
    ...(body === undefined || has('content-type') ? [] : ['content-type', 'application/json']),
    ...(body === undefined ? [] : ['content-length', String(Buffer.byteLength(text))]),
    ...headers.flat(),
  ];
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const outgoing = request({ host: '127.0.0.1', port: gate.port, path, method, headers: fields, agent: false });
  outgoing.once('error', reject);
  outgoing.once('response', (response) => {
    let received = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      received += chunk;
    });
    response.once('error', reject);
    response.once('end', () => {
      const setCookie = response.headers['set-cookie'] ?? [];
      const { statusCode: status = 0 } = response;
      resolve({ status, headers: response.headers, setCookie, cookies: cookiesOf(setCookie), body: parse(received) });
    });
  });
  outgoing.end(text);
  return promise;
}

function cookiesOf(setCookie: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    setCookie.map((field) => {
      const [pair = ''] = field.split(';', 1);
      const equals = pair.indexOf('=');
      return [pair.slice(0, equals), pair.slice(equals + 1)] as const;
    }),
  );
}

function parse(received: string): Json {
  try {
    return JSON.parse(received);
  } catch {
    // Not JSON: a page or nothing.
    return {};
  }
}

/** A text of an answer; anything else is a fault of the test or the product. */
export function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`expected a text, got ${JSON.stringify(value)}`);
  return value;
}
