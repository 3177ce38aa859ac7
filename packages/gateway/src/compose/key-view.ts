import { keyState, type NamedApiKey } from '../store/api-key.ts';

/** A key as the control API and the command line show it: without its secret. */
export function keyView(key: NamedApiKey, nowMs: number) {
  const { id, userId, name, environment, permissions, addresses, rate, createdAtMs } = key;
  return {
    id,
    userId,
    name: name ?? null,
    environment,
    permissions: [...permissions],
    addresses: [...addresses],
    limit: rate ?? null,
    createdAt: createdAtMs,
    expiresAt: key.expiresAtMs ?? null,
    lastUsedAt: key.lastUsedAtMs ?? null,
    imported: key.isImported,
    state: keyState(key, nowMs),
  };
}
