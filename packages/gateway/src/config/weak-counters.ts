import { isLoopbackHost } from './address.ts';
import type { LoadedConfig } from './parse-config.ts';
import type { WeakSetting } from './weak-finding.ts';
import { secretWeakness } from './weak-secrets.ts';

const PATH = 'counters.url';

/** What speaks against the configured Redis (SS5): whoever reaches it unasked resets every limit. */
export function countersFindings({ config, interpolated }: Pick<LoadedConfig, 'config' | 'interpolated'>) {
  const { url: secret } = config.counters;
  if (secret === undefined) return [];
  const url = new URL(secret.reveal());
  const isLocal = isLoopbackHost(url.hostname.replace(/^\[(.*)\]$/, '$1'));
  return [
    ...(url.password === '' ? withoutPassword(isLocal) : passwordFindings(url.password, !interpolated.has(PATH))),
    ...(url.protocol === 'redis:' && !isLocal ? [WITHOUT_TLS] : []),
  ];
}

const WITHOUT_TLS: WeakSetting = {
  severity: 'critical',
  code: 'redis-without-tls',
  path: PATH,
  message: 'The counters, and their password, travel in plain text.',
  hint: 'Use rediss://.',
};

function withoutPassword(isLocal: boolean): readonly WeakSetting[] {
  const message = 'The Redis that counts is named without a password.';
  const hint = 'Set one there, and name it: rediss://user:${PASSWORD}@host.';
  return [{ severity: isLocal ? 'warning' : 'critical', code: 'redis-without-auth', path: PATH, message, hint }];
}

function passwordFindings(password: string, isLiteral: boolean): readonly WeakSetting[] {
  const at = { severity: 'critical', path: PATH } as const;
  const literal = {
    ...at,
    code: 'secret-literal',
    message: 'A secret stands in the configuration file itself.',
    hint: 'Write ${file:path} or ${VARIABLE} instead.',
  } as const;
  const weakness = secretWeakness(decodeURIComponent(password));
  const hint = 'Use a random one of 16 characters or more.';
  const weak = { ...at, code: 'secret-weak', message: `The password of Redis ${weakness ?? ''}.`, hint } as const;
  return [...(isLiteral ? [literal] : []), ...(weakness === undefined ? [] : [weak])];
}
