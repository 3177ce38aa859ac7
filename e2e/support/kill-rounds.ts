import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { RunningGate } from './gate.ts';
import { startGate } from './gate.ts';
import { jsonAnswer, startRecordingUpstream } from './recording-upstream.ts';

/** What was acknowledged before the kill, and must be so after it. */
interface Acknowledged {
  readonly chats: { readonly id: string; readonly token: string }[];
  readonly revoked: string[];
  readonly invites: string[];
  /** Live sessions: token → session id. */
  readonly live: Map<string, string>;
}

/** What a number of rounds found. */
export interface KillReport {
  readonly acknowledged: { readonly chats: number; readonly revoked: number; readonly invites: number };
  /** One sentence for each thing that was acknowledged and lost. */
  readonly lost: readonly string[];
  readonly auditIsGapless: boolean;
}

/** Acknowledged steps before the kill: it comes in the middle of what the other hands do. */
const KILL_AFTER_MIN = 5;
const KILL_AFTER_MORE = 20;

type Json = Readonly<Record<string, unknown>>;

interface Call {
  readonly token?: string;
  readonly body?: unknown;
}

async function call(
  gate: RunningGate,
  line: string,
  { token, body }: Call = {},
): Promise<{ status: number; json: Json }> {
  const [method = '', path = ''] = line.split(' ');
  const headers: Record<string, string> = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(gate.url + path, { method, headers, ...init });
  const text = await response.text();
  return { status: response.status, json: text.startsWith('{') ? JSON.parse(text) : {} };
}

function configOf(upstreamUrl: string): object {
  return {
    environment: 'development',
    upstreams: { app: { url: upstreamUrl } },
    routes: [{ path: '/api/**', upstream: 'app', permission: { read: 'app:read', write: 'app:write' } }],
    ownership: [
      {
        resource: 'chat',
        idPattern: '[0-9a-f-]{36}',
        creates: { 'POST /api/chats': '$.id' },
        guards: ['/api/chats/{id}/**'],
      },
    ],
    limits: { general: '1000000/15m', credentials: '1000000/15m', refresh: '1000000/15m' },
    sessions: { accessTokenLife: '15m' },
  };
}

/** Kills a gate under load again and again, and looks each time whether what it had acknowledged is still true. */
export async function killRounds(rounds: number): Promise<KillReport> {
  const upstream = await startRecordingUpstream((seen, response, incoming) => {
    jsonAnswer(seen.method === 'POST' ? 201 : 200, `{"id":"${randomUUID()}"}`)(seen, response, incoming);
  });
  const dataDir = mkdtempSync(join(tmpdir(), 'sg-kill-'));
  const config = configOf(upstream.url);
  const total = { chats: 0, revoked: 0, invites: 0 };
  const lost: string[] = [];
  let admin: Json = {};
  let before: Acknowledged | undefined;
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const gate = await startGate({ config, dataDir });
      admin = round === 0 ? await logIn(gate, String(gate.invite)) : await renewed(gate, admin, lost);
      if (before !== undefined) await verify(gate, before, lost);
      if (round === rounds) {
        await gate.stop();
        break;
      }
      before = await load(gate, String(admin['token']), KILL_AFTER_MIN + Math.floor(Math.random() * KILL_AFTER_MORE));
      total.chats += before.chats.length;
      total.revoked += before.revoked.length;
      total.invites += before.invites.length;
      upstream.forget();
      await gate.stop();
    }
    return { acknowledged: total, lost, auditIsGapless: isGapless(dataDir) };
  } finally {
    await upstream.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function logIn(gate: RunningGate, inviteCode: string): Promise<Json> {
  const { status, json } = await call(gate, 'POST /auth/login', { body: { inviteCode, tokenDelivery: 'body' } });
  if (status !== 200) throw new Error(`log-in: ${status}`);
  return json;
}

/** The administrator's next tokens: the rotation before the kill was acknowledged, so its successor must hold. */
async function renewed(gate: RunningGate, { refreshToken }: Json, lost: string[]): Promise<Json> {
  const { status, json } = await call(gate, 'POST /auth/refresh', { body: { refreshToken } });
  if (status !== 200) lost.push(`a refresh token was forgotten: ${status}`);
  return json;
}

/** Works in several hands until the gate is killed; whatever is answered counts. */
async function load(gate: RunningGate, admin: string, killAfter: number): Promise<Acknowledged> {
  const done: Acknowledged = { chats: [], revoked: [], invites: [], live: new Map() };
  let steps = 0;
  let killed: Promise<void> | undefined;
  const work = async (): Promise<void> => {
    while (killed === undefined) {
      await step(gate, admin, done);
      steps += 1;
      if (steps === killAfter) killed = gate.kill();
    }
  };
  const hands = Array.from({ length: 4 }, () =>
    work().catch((error: unknown) => {
      // The connection broke: what was under way was not acknowledged.
      if (killed === undefined) throw error;
    }),
  );
  await Promise.all(hands);
  await killed;
  return done;
}

async function step(gate: RunningGate, admin: string, done: Acknowledged): Promise<void> {
  const invite = async (): Promise<string> => {
    const { json } = await call(gate, 'POST /control/v1/invites', { token: admin, body: { role: 'admin' } });
    return String(json['invite']);
  };
  const [code, kept] = [await invite(), await invite()];
  done.invites.push(kept);
  const { token, sessionId } = await logIn(gate, code);
  done.live.set(String(token), String(sessionId));
  for (let turn = 0; turn < 3; turn += 1) {
    const { status, json } = await call(gate, 'POST /api/chats', { token: String(token), body: {} });
    if (status !== 201) throw new Error(`chat: ${status}`);
    done.chats.push({ id: String(json['id']), token: String(token) });
  }
  const over = await logIn(gate, await invite());
  // From here on it may be ended, whether or not that is acknowledged.
  const { status } = await call(gate, `DELETE /control/v1/sessions/${String(over['sessionId'])}`, { token: admin });
  if (status === 200) done.revoked.push(String(over['token']));
}

async function verify(gate: RunningGate, before: Acknowledged, lost: string[]): Promise<void> {
  const expectStatus = async (what: string, given: Promise<{ status: number }>, wanted: number): Promise<void> => {
    const { status } = await given;
    if (status !== wanted) lost.push(`${what}: ${status}, not ${wanted}`);
  };
  const others = [...before.live.keys()];
  for (const [at, { id, token }] of before.chats.entries()) {
    await expectStatus('an owned chat', call(gate, `GET /api/chats/${id}`, { token }), 200);
    const other =
      others.find((one, of) => one !== token && of >= at % others.length) ?? others.find((one) => one !== token);
    if (other === undefined) continue;
    await expectStatus('a chat of somebody else', call(gate, `GET /api/chats/${id}`, { token: other }), 404);
  }
  for (const token of before.live.keys()) {
    await expectStatus('a live session', call(gate, 'GET /auth/session', { token }), 200);
  }
  for (const token of before.revoked) {
    await expectStatus('a revoked session', call(gate, 'GET /auth/session', { token }), 401);
  }
  for (const inviteCode of before.invites) {
    const body = { inviteCode, tokenDelivery: 'body' };
    await expectStatus('an open invite', call(gate, 'POST /auth/login', { body }), 200);
    await expectStatus('a used invite', call(gate, 'POST /auth/login', { body }), 401);
  }
}

function isGapless(dataDir: string): boolean {
  const store = new DatabaseSync(join(dataDir, 'steadygate.db'), { readOnly: true });
  const row = store.prepare('SELECT count(*) AS count, min(seq) AS first, max(seq) AS last FROM auditEntry').get();
  store.close();
  return row !== undefined && row['first'] === 1 && row['count'] === row['last'];
}
