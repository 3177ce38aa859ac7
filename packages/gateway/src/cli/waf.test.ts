import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../cli.ts';
import type { CliDeps } from './deps.ts';

const CONFIG = `
environment: development
upstreams:
  app: { url: http://127.0.0.1:9 }
routes:
  - { path: /shadow/**, upstream: app, access: public, guards: { waf: { mode: shadow } } }
  - { path: /small, upstream: app, access: public, bodyMax: 10B }
  - { path: /**, upstream: app, access: public }
guards:
  waf:
    mode: enforce
    fields: [{ field: 'body:$.code', profile: code }]
    exceptions: [{ rule: '*', field: 'query:sql', reason: a console }]
`;
const ATTACK = "GET /a?id=1' UNION SELECT password FROM users--";

/** The command opens nothing: whoever asks for more gets nothing. */
const NOTHING = {} as CliDeps;

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'sg-waf-'));
  await writeFile(join(cwd, 'steadygate.yaml'), CONFIG);
});

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const seen = { out: '', err: '' };
  const io = {
    stdout: { write: (text: string) => (seen.out += text) },
    stderr: { write: (text: string) => (seen.err += text) },
    env: {},
    cwd,
    isTty: false,
    nowMs: () => Date.now(),
  };
  const code = await runCli(['waf', 'test', ...argv], io, NOTHING);
  return { code, ...seen };
}

async function json(...argv: string[]): Promise<{ code: number; report: unknown }> {
  const { code, out } = await run(...argv, '--json');
  return { code, report: JSON.parse(out) };
}

describe('waf test', () => {
  it('holds every rule against its own examples', async () => {
    const { code, out } = await run();
    expect(out).toMatch(/^ok {2}\d{2,} rules of 18 classes, \d{3,} examples: all are judged as they should be\.\n$/);
    expect(code).toBe(0);
    expect(await json()).toMatchObject({ code: 0, report: { ok: true, rules: { failures: [] }, requests: [] } });
  });

  it('says of one request class, rule, field, score and the exception', async () => {
    const { code, out } = await run('--request', ATTACK);
    expect(code).toBe(1);
    for (const part of ['/**', 'refused', 'sqli', 'sqli-string-union', 'query:id', 'of 5', 'guards.waf.exceptions:'])
      expect(out).toContain(part);
    expect(await json('--request', ATTACK)).toMatchObject({
      code: 1,
      report: {
        ok: false,
        requests: [{ outcome: 'refused', finding: { class: 'sqli', field: 'query:id', threshold: 5 } }],
      },
    });
  });

  it.each([
    ['what passes', ['--request', 'GET /a?id=1'], 0, { outcome: 'passed' }],
    ['an exception', ['--request', ATTACK.replace('id=', 'sql=')], 0, { outcome: 'passed' }],
    [
      'a route in shadow',
      ['--request', ATTACK.replace('/a', '/shadow/a')],
      1,
      { outcome: 'refused', route: { mode: 'shadow' } },
    ],
    [
      'a profile',
      ['--request', 'POST /a', '--type', 'application/json', '--body', '{"code":"alert(1)"}'],
      0,
      { outcome: 'passed' },
    ],
    [
      'a body that cannot be read',
      ['--request', 'POST /a', '--type', 'application/json', '--body', '{'],
      1,
      { finding: { rule: 'JSON: not JSON', field: 'body' } },
    ],
    [
      'a body that is too large',
      ['--request', 'POST /small', '--body', 'x'.repeat(11)],
      1,
      { finding: { rule: 'body-too-large', field: 'body' } },
    ],
    ['no canonical path', ['--request', 'GET /a%00'], 1, { finding: { field: 'path' } }],
  ])('judges by the configuration: %s', async (_, argv, code, request) => {
    expect(await json(...argv)).toMatchObject({ code, report: { requests: [request] } });
  });

  it('reads a file of cases, and complains of those that are not as expected', async () => {
    const lines = [
      { request: ATTACK, expect: 'refused' },
      { request: 'GET /a?id=1', expect: 'passed' },
      { request: { method: 'GET', path: '/a', headers: { 'x-note': '<script>alert(1)</script>' } }, expect: 'refused' },
    ];
    const file = join(cwd, 'cases.jsonl');
    await writeFile(file, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n\n`);
    expect((await run('--file', file)).code).toBe(0);
    await writeFile(file, lines.map((line) => JSON.stringify({ ...line, expect: 'passed' })).join('\n'));
    const { code, out } = await run('--file', 'cases.jsonl');
    expect(code).toBe(1);
    expect(out).toContain('refused, not passed');
    expect(out).toContain('3 inspected, 2 refused, 2 not as expected.');
  });

  it.each([
    [['--request', 'nothing'], 'takes a method and a path'],
    [['--body', 'x'], 'belong to a --request'],
    [['--file', 'missing.jsonl'], 'There is no file missing.jsonl'],
    [['--config', 'missing.yaml', '--request', 'GET /'], 'does not exist'],
  ])('T25: %j could not run: %s', async (argv, text) => {
    const { code, err } = await run(...argv);
    expect(code).toBe(2);
    expect(err).toContain(text);
  });

  it('names the line that holds no case, and an empty file', async () => {
    await writeFile(join(cwd, 'bad.jsonl'), '{"request":"GET /"}\nnope\n');
    expect(await run('--file', 'bad.jsonl')).toMatchObject({
      code: 2,
      err: expect.stringContaining('bad.jsonl:2 is no JSON'),
    });
    await writeFile(join(cwd, 'empty.jsonl'), '');
    expect(await run('--file', 'empty.jsonl')).toMatchObject({
      code: 2,
      err: expect.stringContaining('holds no cases'),
    });
  });

  it('a configuration that does not load could not run', async () => {
    await writeFile(join(cwd, 'steadygate.yaml'), 'routes: 5');
    const { code, err } = await run('--request', 'GET /');
    expect(code).toBe(2);
    expect(err).toContain('routes');
  });
});
