import { ApiKeyView } from '@steadygate/contract';
import { KEY_ENVIRONMENTS, ProblemError } from '@steadygate/core';
import { z } from 'zod';
import { defineCommand } from './command.ts';
import { AnId, byOperator, lifeOf, NextCursor, PAGE, Tenant } from './fields.ts';
import { ENDED, ended } from './ended.ts';
import { assertTenant } from './tenants.ts';

const ORDER = {
  tenant: Tenant,
  name: z.string().min(1).max(128),
  environment: z.enum(KEY_ENVIRONMENTS).default('live'),
  permissions: z.array(z.string().max(64)).min(1, 'at least one permission').max(64),
  addresses: z.array(z.string().max(64)).max(64).default([]),
  rate: z.string().max(32).optional(),
  lifeMs: lifeOf(3650).optional(),
};

const Issued = ApiKeyView.extend({ key: z.string() });

/** Issues an API key. Its text is in the answer and nowhere else. */
export const createKey = defineCommand({
  name: 'key.create',
  summary: 'Issue an API key',
  needsServer: false,
  input: z.strictObject(ORDER),
  output: Issued,
  async run(deps, { tenant, ...order }) {
    await assertTenant(deps, tenant);
    const by = byOperator(deps, tenant);
    const { key, text } = await deps.keyDesk.issue(order, by);
    return { ...deps.keyView({ ...key, name: order.name }, by.nowMs), key: text };
  },
});

/** Takes over a key that another system issued, by its digest. */
export const importKey = defineCommand({
  name: 'key.import',
  summary: 'Take over a key of another system',
  needsServer: false,
  input: z.strictObject({ ...ORDER, sha256: z.string().regex(/^[0-9a-fA-F]{64}$/, '64 hexadecimal digits') }),
  output: ApiKeyView,
  async run(deps, { tenant, ...order }) {
    await assertTenant(deps, tenant);
    const by = byOperator(deps, tenant);
    const key = await deps.keyDesk.importKey(order, by);
    return deps.keyView({ ...key, name: order.name }, by.nowMs);
  },
});

/** Lists a tenant's keys, without their secrets. */
export const listKeys = defineCommand({
  name: 'key.list',
  summary: 'List API keys',
  needsServer: false,
  input: z.strictObject({ tenant: Tenant, ...PAGE }),
  output: z.strictObject({ keys: z.array(ApiKeyView), nextCursor: NextCursor }),
  async run(deps, { tenant, ...page }) {
    await assertTenant(deps, tenant);
    const { items, nextCursor } = await deps.store.apiKeys.list(deps.actor(tenant), page);
    const nowMs = deps.clock.nowMs();
    return { keys: items.map((key) => deps.keyView(key, nowMs)), nextCursor };
  },
});

/** Gives a key a successor. */
export const rotateKey = defineCommand({
  name: 'key.rotate',
  summary: 'Give an API key a successor',
  needsServer: false,
  input: z.strictObject({
    tenant: Tenant,
    id: AnId,
    overlapMs: z.int().min(0).max(2_592_000_000, 'at most 720h').optional(),
  }),
  output: Issued,
  async run(deps, { tenant, id, overlapMs }) {
    await assertTenant(deps, tenant);
    const by = byOperator(deps, tenant);
    const { key, text } = await deps.keyDesk.rotate(id, overlapMs, by);
    const named = await deps.store.apiKeys.get(by.actor, key.id);
    return { ...deps.keyView(named ?? { ...key, name: undefined }, by.nowMs), key: text };
  },
});

/** Ends a key at once, its streams included. */
export const revokeKey = defineCommand({
  name: 'key.revoke',
  summary: 'End an API key at once',
  needsServer: false,
  input: z.strictObject({ tenant: Tenant, id: AnId }),
  output: z.strictObject({ id: z.string(), ...ENDED }),
  async run(deps, { tenant, id }) {
    await assertTenant(deps, tenant);
    if (await deps.store.apiKeys.revoke(id, 'revoked', byOperator(deps, tenant))) return { id, ...(await ended(deps)) };
    throw new ProblemError('not-found', { detail: 'There is no such key in this tenant that is not revoked.' });
  },
});
