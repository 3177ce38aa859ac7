import { describe, expect, it } from 'vitest';

import { fixedProblems } from './fixed-settings.ts';
import { type Config, configSchema } from './schema.ts';

const ROUTES = [{ path: '/**', permission: 'app:read' }];

function parse(settings: Readonly<Record<string, unknown>>): Config {
  return configSchema.parse({ upstreams: { app: { url: 'http://127.0.0.1:3000' } }, routes: ROUTES, ...settings });
}

const KEY = Buffer.from(Array.from({ length: 32 }, (_, at) => at)).toString('hex');
const started = parse({ tls: { terminatedBy: 'nginx' }, listen: { control: '127.0.0.1:9001' } });

describe('settings that are fixed while the gate runs', () => {
  it.each([
    ['T16: environment', { environment: 'development' }, 'environment'],
    ['the address', { listen: { host: '0.0.0.0', control: '127.0.0.1:9001' } }, 'listen.host'],
    ['the port', { listen: { port: 81, control: '127.0.0.1:9001' } }, 'listen.port'],
    ['T1: the console’s address', { listen: { control: '0.0.0.0:9001' } }, 'listen.control.host'],
    ['T1: the console’s port', { listen: { control: '127.0.0.1:9002' } }, 'listen.control.port'],
    ['T16: who reads metrics', { listen: { control: '127.0.0.1:9001', metrics: '127.0.0.1:9464' } }, 'listen.metrics'],
    ['who ends TLS', { tls: undefined }, 'tls'],
    ['where limits are counted', { counters: { kind: 'redis', url: `redis://:${KEY}@127.0.0.1` } }, 'counters'],
    ['where state is kept', { store: { kind: 'postgres', url: `postgres://gate:${KEY}@db.example/gate` } }, 'store'],
    ['the key-encryption key', { secrets: { keyEncryptionKey: KEY } }, 'secrets.keyEncryptionKey'],
  ])('%s is named, without its value', (_what, change, config) => {
    const next = parse({ tls: { terminatedBy: 'nginx' }, listen: { control: '127.0.0.1:9001' }, ...change });
    const problems = fixedProblems(started, next);
    expect(problems.map((problem) => problem.config)).toEqual([config]);
    expect(JSON.stringify(problems)).not.toContain(KEY);
  });

  it('everything else may change', () => {
    const listen = { control: '127.0.0.1:9001', origins: ['https://app.example'] };
    const next = parse({ tls: { terminatedBy: 'nginx' }, listen, sessions: { idle: '5m' } });
    expect(fixedProblems(started, next)).toEqual([]);
  });
});
