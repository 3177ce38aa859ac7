import { isAbsolute, relative } from 'node:path';

import type { LoadedConfig } from './parse-config.ts';
import type { Config } from './schema.ts';
import type { Secret } from './secret.ts';
import type { SettingFacts, WeakSetting } from './weak-finding.ts';
import { secretWeakness } from './weak-secrets.ts';

type Loaded = Pick<LoadedConfig, 'config' | 'interpolated'>;

/** What speaks against the configured secrets (SS5, WK9, SB16). */
export function secretFindings(loaded: Loaded, facts: SettingFacts): readonly WeakSetting[] {
  const secrets = secretsOf(loaded.config);
  return [
    ...keyFindings(loaded, facts),
    ...secrets.flatMap(({ path, secret }) => [...literalFinding(path, loaded), ...weaknessFinding(path, secret)]),
  ];
}

function secretsOf(config: Config): readonly { readonly path: string; readonly secret: Secret }[] {
  const { keyEncryptionKey, scrub } = config.secrets;
  const injected = Object.entries(config.upstreams).flatMap(([name, { injectHeaders }]) =>
    Object.entries(injectHeaders).map(([field, secret]) => ({
      path: `upstreams.${name}.injectHeaders.${field}`,
      secret,
    })),
  );
  return [
    ...(keyEncryptionKey === undefined ? [] : [{ path: 'secrets.keyEncryptionKey', secret: keyEncryptionKey }]),
    ...scrub.map((secret, at) => ({ path: `secrets.scrub[${String(at)}]`, secret })),
    ...injected,
  ];
}

function keyFindings({ config, interpolated }: Loaded, { dataDir }: SettingFacts): readonly WeakSetting[] {
  const path = 'secrets.keyEncryptionKey';
  if (config.environment === 'development') return [];
  if (config.secrets.keyEncryptionKey === undefined) {
    const message = 'Production has no key-encryption key.';
    const hint = 'Make one with `openssl rand -hex 32`, keep it outside the data directory, and name it: ${file:…}.';
    return [{ severity: 'critical', code: 'key-encryption-key-missing', path, message, hint }];
  }
  const file = interpolated.get(path)?.find(({ kind }) => kind === 'file');
  if (file === undefined || dataDir === undefined || !isInside(file.name, dataDir)) return [];
  const message = 'The key-encryption key lies in the data directory: who copies one has both.';
  return [{ severity: 'critical', code: 'key-encryption-key-inside-data', path, message, hint: 'Keep it elsewhere.' }];
}

function isInside(file: string, folder: string): boolean {
  const way = relative(folder, file);
  return way !== '' && !way.startsWith('..') && !isAbsolute(way);
}

function literalFinding(path: string, { interpolated }: Loaded): readonly WeakSetting[] {
  if (interpolated.has(path)) return [];
  const message = 'A secret stands in the configuration file itself.';
  return [
    { severity: 'critical', code: 'secret-literal', path, message, hint: 'Write ${file:path} or ${VARIABLE} instead.' },
  ];
}

function weaknessFinding(path: string, secret: Secret): readonly WeakSetting[] {
  const weakness = secretWeakness(secret.reveal());
  if (weakness === undefined) return [];
  const message = `The secret ${weakness}.`;
  return [
    { severity: 'critical', code: 'secret-weak', path, message, hint: 'Use a random one of 16 characters or more.' },
  ];
}

/** Secret files that others may read, and stray ones (SB15, SB16). */
export function fileFindings({ interpolated }: Loaded, facts: SettingFacts): readonly WeakSetting[] {
  const named = [...interpolated.values()].flat().flatMap(({ kind, name, mode }) => {
    return kind === 'file' && mode !== undefined ? [{ path: name, mode }] : [];
  });
  const modes = new Map([...named, ...facts.secretFiles].map(({ path, mode }) => [path, mode]));
  const readable = [...modes]
    .filter(([, mode]) => (mode & 0o077) !== 0)
    .map(([path, mode]) => readableFinding(path, mode));
  return [...readable, ...facts.strayFiles.map((path) => strayFinding(path))];
}

function readableFinding(path: string, mode: number): WeakSetting {
  const message = `A file with a secret has mode ${mode.toString(8).padStart(3, '0')}: others may use it.`;
  return { severity: 'critical', code: 'secret-file-readable', path, message, hint: 'chmod 600' };
}

function strayFinding(path: string): WeakSetting {
  const message = 'A file that usually holds secrets lies beside the configuration.';
  return {
    severity: 'warning',
    code: 'stray-secret-file',
    path,
    message,
    hint: 'Remove it, or move it out of the deployment.',
  };
}

/** Weak connections in the process's variables, as the application behind the gate would use them (WK11, SS5). */
export function connectionFindings(environment: SettingFacts['environment']): readonly WeakSetting[] {
  return Object.entries(environment).flatMap(([name, value]): readonly WeakSetting[] => {
    const url = value !== undefined && URL.canParse(value) ? new URL(value) : undefined;
    if (url === undefined) return [];
    if (/^postgres(ql)?:$/.test(url.protocol)) return databaseFinding(name, url);
    return /^rediss?:$/.test(url.protocol) ? redisFinding(name, url) : [];
  });
}

function databaseFinding(name: string, url: URL): readonly WeakSetting[] {
  const isLocal = /^(localhost|127\..*|\[::1\]|)$/.test(url.hostname);
  // libpq's `require` encrypts without checking whom it talks to.
  if (isLocal || /^verify-(ca|full)$/.test(url.searchParams.get('sslmode') ?? '')) return [];
  const message = 'A database is named without verified TLS.';
  return [{ severity: 'warning', code: 'database-without-tls', path: name, message, hint: 'Add sslmode=verify-full.' }];
}

function redisFinding(name: string, url: URL): readonly WeakSetting[] {
  if (url.password !== '') return [];
  const message = 'A Redis is named without a password.';
  return [
    {
      severity: 'warning',
      code: 'redis-without-auth',
      path: name,
      message,
      hint: 'Set a password there, and use rediss://.',
    },
  ];
}
