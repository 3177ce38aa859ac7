import { hash } from 'node:crypto';
import type { Config } from './schema.ts';

/** SHA-256 over the configuration in force. Secrets print as a mask, so the digest says nothing about them. */
export function configDigest(config: unknown): string {
  return hash('sha256', JSON.stringify(config, inOrder), 'hex');
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The same over what all instances of one store must have in common: where each listens and what it logs is its own. */
export function sharedDigest({ listen: _listen, log: _log, tls: _tls, ...shared }: Config): string {
  return configDigest(shared);
}
