import {
  type ApiKeyView,
  createKey,
  getKeyUsage,
  getOwnUsage,
  listKeys,
  reportKeyLeak,
  revokeKey,
  rotateKey,
} from '@steadygate/contract';
import { ProblemError, type QuotaHolder } from '@steadygate/core';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import type { KeyDesk } from '../auth/key-desk.ts';
import type { Unconfirmed } from '../feed/confirmations.ts';
import type { Actor } from '../store/actor.ts';
import type { NamedApiKey } from '../store/api-key.ts';
import type { ApiKeys } from '../store/api-keys.ts';
import type { KeyUsage } from '../store/key-usage.ts';
import { by } from './by.ts';
import { ended } from './ended.ts';
import { mount, mountPublic } from './mount.ts';

const HOUR_MS = 3_600_000;

export interface KeyRouteDeps {
  readonly keyDesk: Pick<KeyDesk, 'issueFor' | 'rotateFor'>;
  readonly keys: Pick<ApiKeys, 'list' | 'get' | 'revoke'>;
  readonly usage: Pick<KeyUsage, 'of' | 'flush'>;
  readonly viewOf: (key: NamedApiKey, nowMs: number) => z.infer<typeof ApiKeyView>;
  /** What of the day's quotas is used; undefined where there are none. */
  readonly quotaOf: (holder: QuotaHolder, nowMs: number) => Promise<QuotaStatus | undefined>;
  readonly reportLeak: (key: string, at: { nowMs: number; requestId: string }) => Promise<void>;
  readonly unconfirmed: Unconfirmed;
}

/** The quotas of a key and its tenant, and what was asked today. */
export interface QuotaStatus {
  readonly limits: { readonly key: number | undefined; readonly tenant: number | undefined };
  readonly used: { readonly key: number; readonly tenant: number };
  readonly resetsAtMs: number;
}

/** API keys of a tenant; what a key did; reports of leaked keys. */
export function keyRoutes(app: FastifyInstance, deps: KeyRouteDeps): void {
  const { keyDesk, keys, viewOf } = deps;

  mount(app, createKey, async ({ access, principal, body, own }) => {
    const { limit: rate, expiresInSeconds, ...rest } = body;
    const lifeMs = expiresInSeconds === undefined ? undefined : expiresInSeconds * 1000;
    const { key, text } = await keyDesk.issueFor(principal.permissions, { ...rest, rate, lifeMs }, by(access, own));
    return { ...viewOf({ ...key, name: body.name }, own.nowMs), key: text };
  });

  mount(app, listKeys, async ({ access, query, own }) => {
    const { items, nextCursor } = await keys.list(access, query);
    return { keys: items.map((key) => viewOf(key, own.nowMs)), nextCursor };
  });

  mount(app, rotateKey, async ({ access, principal, params, body, own }) => {
    const overlapMs = body.overlapSeconds === undefined ? undefined : body.overlapSeconds * 1000;
    const change = by(access, own);
    const { key, text } = await keyDesk.rotateFor(principal.permissions, { id: params['id'] ?? '', overlapMs }, change);
    const named = await keys.get(access, key.id);
    return { ...viewOf(named ?? { ...key, name: undefined }, own.nowMs), key: text };
  });

  mount(app, revokeKey, async ({ access, params, own }) => {
    if (!(await keys.revoke(params['id'] ?? '', 'revoked', by(access, own)))) throw new ProblemError('not-found');
    return ended(deps.unconfirmed);
  });

  usageRoutes(app, deps);

  mountPublic(app, reportKeyLeak, async ({ body, own }) => {
    await deps.reportLeak(body.key, { nowMs: own.nowMs, requestId: own.request.id });
    return {};
  });
}

function usageRoutes(app: FastifyInstance, { keys, usage, quotaOf }: KeyRouteDeps): void {
  async function usageOf(actor: Actor, { id: keyId, userId }: KeyName, at: { hours: number; nowMs: number }) {
    const fromMs = at.nowMs - at.hours * HOUR_MS;
    await usage.flush();
    const rows = await usage.of(actor, keyId, { fromMs, beforeMs: at.nowMs + 1 });
    const shown = rows.map(({ hourMs, route, verdict, count }) => ({ hour: hourMs, route, verdict, count }));
    const status = await quotaOf({ tenantId: actor.tenantId, userId }, at.nowMs);
    return { keyId, from: fromMs, usage: shown, quota: quotaView(status) };
  }

  mount(app, getKeyUsage, async ({ access, params, query, own }) => {
    const key = await keys.get(access, params['id'] ?? '');
    if (key === undefined) throw new ProblemError('not-found');
    return usageOf(access, key, { ...query, nowMs: own.nowMs });
  });

  mount(app, getOwnUsage, async ({ access, query, own }) =>
    usageOf(access, { id: access.credentialId, userId: access.userId }, { ...query, nowMs: own.nowMs }),
  );
}

type KeyName = Pick<NamedApiKey, 'id' | 'userId'>;

function quotaView(status: QuotaStatus | undefined) {
  if (status === undefined) return null;
  const of = (name: 'key' | 'tenant') => {
    const limit = status.limits[name];
    return limit === undefined ? null : { limit, used: Math.min(limit, status.used[name]) };
  };
  return { key: of('key'), tenant: of('tenant'), resetsAt: status.resetsAtMs };
}
