import { credentialBudget, ProblemError, type RouteLimit } from '@steadygate/core';
import { describe, expect, it } from 'vitest';
import { publicContext } from '../../../../e2e/support/control-context.ts';
import { memoryBuckets } from '../counters/memory.ts';
import type { Rotation } from '../store/refresh.ts';
import type { Session, StartedSession } from '../store/session-lifecycle.ts';
import { SignIn } from './sign-in.ts';

const NOW = 1_800_000_000_000;
const SESSION: Session = {
  id: 's1',
  tenantId: 'default',
  userId: 'u1',
  role: 'member',
  audience: 'session',
  createdAtMs: NOW,
  lastSeenAtMs: NOW,
  expiresAtMs: NOW + 86_400_000,
  endedAtMs: undefined,
};
const STARTED: StartedSession = { session: SESSION, refreshToken: 'next' };

const limit = (amount: number, text: string): RouteLimit => {
  return { per: 'address', rate: { amount, perMs: 900_000 }, text, config: 'limits' };
};

/** A store of one invite (`good`), one live refresh token (`live`) and one that is over (`dead`); `lost` fails. */
function parts(refreshes = 30) {
  const reused: string[] = [];
  const buckets = memoryBuckets();
  const rotations: Readonly<Record<string, Rotation>> = {
    live: { kind: 'rotated', session: SESSION, refreshToken: 'next' },
    spent: { kind: 'reused', session: SESSION },
  };
  const signIn = new SignIn({
    audience: 'session',
    sessions: {
      resolve: async (token) => {
        if (token === 'lost') throw new Error('the store is lost');
        return token === 'live' ? SESSION : undefined;
      },
      rotate: async (token) => rotations[token] ?? { kind: 'refused' },
      wasIssued: async (token) => token === 'dead' || token === 'spent',
    },
    redeem: async ({ secret }) => {
      if (secret.includes('lost')) throw new Error('the store is lost');
      return secret.includes('good') ? STARTED : undefined;
    },
    isShortCode: (secret) => !secret.startsWith('link'),
    buckets,
    settings: () => ({
      credentials: credentialBudget(limit(10, '10/15m'), buckets),
      refresh: limit(refreshes, `${refreshes}/15m`),
      idleMs: 7_200_000,
      graceMs: 10_000,
    }),
    csrf: { of: () => 'csrf', holds: (_sessionId, token) => token === 'csrf' },
    onReuse: (sessionId) => void reused.push(sessionId),
  });
  return { signIn, reused };
}

function at(clientAddress = '192.0.2.1') {
  return { request: { ...publicContext('/auth/login').request, clientAddress }, nowMs: NOW };
}

async function outcome(run: Promise<unknown>): Promise<string> {
  try {
    await run;
    return 'ok';
  } catch (error) {
    if (!(error instanceof ProblemError)) return 'failed';
    return error.facts.limit === undefined ? error.code : `limit ${error.facts.limit.name}`;
  }
}

async function inTurn(times: number, run: (turn: number) => Promise<unknown>): Promise<readonly string[]> {
  const outcomes: string[] = [];
  for (let turn = 0; turn < times; turn += 1) outcomes.push(await outcome(run(turn)));
  return outcomes;
}

const times = (count: number, text: string): readonly string[] => Array.from({ length: count }, () => text);
const secret = (text: string) => ({ secret: text, name: undefined });

describe('log-in', () => {
  it('SB7: ten wrong secrets are judged, the eleventh attempt is not, good or wrong', async () => {
    const { signIn } = parts();
    expect(await inTurn(11, () => signIn.login(secret('wrong'), at()))).toEqual([
      ...times(10, 'login-failed'),
      'limit credentials',
    ]);
    expect(await outcome(signIn.login(secret('good'), at()))).toBe('limit credentials');
    expect(await outcome(signIn.login(secret('good'), at('192.0.2.2')))).toBe('ok');
  });

  it('costs nothing when it succeeds', async () => {
    const { signIn } = parts();
    expect(await inTurn(50, () => signIn.login(secret('good'), at()))).toEqual(times(50, 'ok'));
  });

  it('costs nothing while the store is lost: nobody is locked out when it is back', async () => {
    const { signIn } = parts();
    expect(await inTurn(20, () => signIn.login(secret('lost'), at()))).toEqual(times(20, 'failed'));
    expect(await outcome(signIn.login(secret('good'), at()))).toBe('ok');
  });

  it('T17: after a thousand failures of all addresses codes wait, links go on, and waiting costs no attempt', async () => {
    const { signIn } = parts();
    const failures = await inTurn(1000, (turn) => signIn.login(secret('wrong'), at(`198.51.${turn % 250}.1`)));
    expect(new Set(failures)).toEqual(new Set(['login-failed']));
    expect(await inTurn(15, () => signIn.login(secret('good'), at()))).toEqual(times(15, 'limit credentials-shared'));
    expect(await outcome(signIn.login(secret('link good'), at()))).toBe('ok');
    expect(await inTurn(11, () => signIn.login(secret('link'), at()))).toEqual([
      ...times(10, 'login-failed'),
      'limit credentials',
    ]);
  });
});

describe('refresh', () => {
  it('gives the successor', async () => {
    const { signIn } = parts();
    expect(await signIn.refresh('live', 'csrf', at())).toEqual({ session: SESSION, refreshToken: 'next' });
    expect(await signIn.refresh('live', undefined, at())).toEqual({ session: SESSION, refreshToken: 'next' });
  });

  it('SB22: wants the CSRF token where the refresh token came in a cookie', async () => {
    const { signIn } = parts();
    expect(await outcome(signIn.refresh('live', null, at()))).toBe('csrf-refused');
    expect(await outcome(signIn.refresh('live', 'other', at()))).toBe('csrf-refused');
  });

  it('SB7: costs an attempt only when the token is nobody’s', async () => {
    const { signIn } = parts();
    for (const token of ['dead', 'lost', 'spent']) await inTurn(12, () => signIn.refresh(token, undefined, at()));
    await inTurn(12, () => signIn.refresh('live', 'other', at()));
    expect(await inTurn(11, () => signIn.refresh('guessed', undefined, at()))).toEqual([
      ...times(10, 'credential-required'),
      'limit credentials',
    ]);
  });

  it('T19: a spent token that comes back is reported', async () => {
    const { signIn, reused } = parts();
    expect(await outcome(signIn.refresh('spent', 'csrf', at()))).toBe('credential-required');
    expect(reused).toEqual(['s1']);
  });

  it('AU12: is metered per session, whose budget is not that of its address', async () => {
    const { signIn } = parts(3);
    expect(await inTurn(20, () => signIn.refresh('live', 'csrf', at()))).toEqual([
      ...times(3, 'ok'),
      ...times(17, 'limit refresh'),
    ]);
    expect(await outcome(signIn.login(secret('good'), at()))).toBe('ok');
  });
});
