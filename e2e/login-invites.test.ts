import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EchoUpstream, echoConfig, startEchoUpstream } from './support/echo-upstream.ts';
import { type GateClient, gateClient, type Person, text } from './support/gate-client.ts';
import { type RunningGate, startGate } from './support/gate.ts';

let upstream: EchoUpstream;
let gate: RunningGate;
let client: GateClient;
let first: Person;

beforeAll(async () => {
  upstream = await startEchoUpstream();
  gate = await startGate({ config: echoConfig(upstream.url) });
  client = gateClient(gate);
  first = await client.logIn(text(gate.invite));
  client.inviteThrough(first);
});
afterAll(async () => {
  await gate.stop();
  await upstream.close();
});

const logInStatus = async (inviteCode: string): Promise<number> => (await client.logInWith({ inviteCode })).status;
const createInvite = (person: Person, body: object) => person.send('POST', '/control/v1/invites', body);

describe('T15: the first invite', () => {
  test('starts in tenant default, and leads to system by a change of tenant', async () => {
    const inDefault = (await first.send('GET', '/auth/session')).body;
    expect([inDefault['tenant'], inDefault['role']]).toEqual(['default', 'admin']);
    expect((await first.send('GET', '/x')).status).toBe(200);

    const administrator = await client.newPerson('admin');
    const refused = await administrator.send('POST', '/auth/session', { tenant: 'system' });
    expect([refused.status, refused.body['code']]).toEqual([404, 'not-found']);

    const before = first.cookie();
    const switched = await first.send('POST', '/auth/session', { tenant: 'system' });
    expect([switched.status, switched.body['tenant']]).toEqual([200, 'system']);
    expect((await client.send('/auth/session', { headers: [before] })).status).toBe(401);

    const inSystem = client.personOf(switched);
    expect((await inSystem.send('GET', '/x')).status).toBe(403);
    const back = await inSystem.send('POST', '/auth/session', { tenant: 'default' });
    expect(back.body['expiresAt']).toBe(inDefault['expiresAt']);
    first = client.personOf(back);
    client.inviteThrough(first);
  });

  test('is good for one use', async () => {
    expect(await logInStatus(text(gate.invite))).toBe(401);
  });

  test.each(['default', 'system', 'acme', 'SYSTEM', '../system', '', '*'])(
    'nobody chooses tenant %s at log-in',
    async (tenant) => {
      const inviteCode = await client.codeFor('member');
      expect((await client.logInWith({ inviteCode, tenant })).status).toBe(400);
    },
  );
});

describe('AU1: an invite', () => {
  test('SB3: of one use raced by 50 makes one session and one user', async () => {
    const inviteCode = await client.invite('member');
    const answers = await Promise.all(Array.from({ length: 50 }, () => client.logInWith({ inviteCode })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 401]));
  });

  test('raced as code and as link still has one use', async () => {
    const made = await createInvite(first, { role: 'member' });
    const code = text(made.body['invite']);
    const link = text(made.body['link']).split('#invite=')[1] ?? '';
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => client.logInWith({ inviteCode: at % 2 === 0 ? code : link })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('is burned on use and not on look', async () => {
    const inviteCode = await client.invite('member');
    expect((await client.send(`/auth/login?inviteCode=${inviteCode}`)).status).toBe(200);
    expect((await client.send('/auth/login', { method: 'HEAD' })).status).toBe(200);
    expect(await logInStatus(inviteCode)).toBe(200);
  });

  test('is read in any spelling that a person would type, and no other', async () => {
    const inviteCode = await client.codeFor('member');
    const spellings = [
      inviteCode.toLowerCase(),
      ` ${inviteCode} `,
      inviteCode.replaceAll('-', ''),
      inviteCode.replaceAll('-', ' '),
      inviteCode.split('').join(' '),
      inviteCode.replaceAll('-', '\u2013'),
      `${inviteCode}\n`,
    ];
    expect(await Promise.all(spellings.map(logInStatus))).toEqual(spellings.map(() => 200));

    const others = [
      inviteCode.slice(0, -1),
      `${inviteCode}2`,
      inviteCode.replace('SB-', ''),
      // Full-width letters, which Unicode normalisation would fold.
      inviteCode.replace('SB', '\uFF33\uFF22'),
      inviteCode.replace('S', '\u017F'),
      `${inviteCode}\u0000`,
      encodeURIComponent(` ${inviteCode}`),
    ];
    expect(await Promise.all(others.map(logInStatus))).toEqual(others.map(() => 401));
  });

  test('with the prefix of another role is none: the prefix means nothing', async () => {
    const code = await client.codeFor('member');
    expect(await logInStatus(code.replace('SB-MEMBER-', 'SB-ADMIN-'))).toBe(401);
    expect(await logInStatus(code.replace('SB-MEMBER-', ''))).toBe(401);
  });

  test('revoked or unknown lets nobody in, and all answers are alike', async () => {
    const made = await createInvite(first, { role: 'member' });
    expect((await first.send('DELETE', `/control/v1/invites/${text(made.body['id'])}`)).status).toBe(204);
    const used = await client.invite('member');
    await client.logIn(used);
    const answers = await Promise.all(
      [text(made.body['invite']), used, 'SB-MEMBER-22222222', 'x', '💥'].map((inviteCode) =>
        client.logInWith({ inviteCode }),
      ),
    );
    const shown = answers.map(({ status, body }) => ({ status, ...body, requestId: undefined }));
    expect(new Set(shown.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(shown[0]).toMatchObject({ status: 401, code: 'login-failed' });
  });

  test('a name selects nobody: two people of one name are two users', async () => {
    const inviteCode = await client.codeFor('member');
    const [one, two] = await Promise.all([
      client.logInWith({ inviteCode, name: 'Ada' }),
      client.logInWith({ inviteCode, name: 'Ada' }),
    ]);
    expect(client.personOf(one).userId).not.toBe(client.personOf(two).userId);
    for (const name of ['', '   ', 'x'.repeat(65), 7, null]) {
      expect((await client.logInWith({ inviteCode, name })).status).toBe(400);
    }
  });

  test('T25: a name with control characters is never obeyed by a terminal', async () => {
    const inviteCode = await client.codeFor('member');
    const name = 'A\u001b[2J\u202Eb';
    const { status } = await client.logInWith({ inviteCode, name });
    expect(status).toBe(200);
    const { stdout } = await gate.cli('user', 'list', '--limit', '200');
    expect(stdout).not.toContain('\u001b[2J');
    expect(stdout).not.toContain('\u202E');
    expect(stdout).toContain('A\\u{1b}[2J');
  });
});

describe('T15: who invites whom', () => {
  test('nobody hands out more than they hold: a host invites members, and neither viewers nor administrators', async () => {
    const host = await client.newPerson('host');
    const made = await createInvite(host, { role: 'member' });
    expect(made.status).toBe(201);
    for (const role of ['admin', 'viewer']) {
      const { status, body } = await createInvite(host, { role });
      expect([role, status, body['code']]).toEqual([role, 403, 'permission-denied']);
    }
  });

  test('members and viewers invite nobody', async () => {
    for (const role of ['member', 'viewer']) {
      const person = await client.newPerson(role);
      expect((await createInvite(person, { role: 'viewer' })).status).toBe(403);
    }
  });

  test.each(['nobody', 'constructor', 'hasownproperty', 'Admin', '__proto__', ''])(
    'role %s is none: 400',
    async (role) => {
      expect((await createInvite(first, { role })).status).toBe(400);
    },
  );

  test('T10: over HTTP there is no invite for an existing user, and no log-in link', async () => {
    const member = await client.newPerson('member');
    for (const field of ['userId', 'user', 'tenant', 'tenantId']) {
      expect((await createInvite(first, { role: 'member', [field]: member.userId })).status).toBe(400);
    }
    for (const path of ['/control/v1/sessions', '/auth/sessions', '/control/v1/links', '/control/v1/users']) {
      const { status } = await first.send('POST', path, { userId: member.userId });
      expect([path, [404, 405].includes(status)]).toEqual([path, true]);
    }
  });

  test('T10: a log-in link is for its user, for once, and opens no invite', async () => {
    const member = await client.newPerson('member');
    const { link } = await gate.operator('session', 'create', '--user', member.userId);
    const loginLink = text(link).split('#link=')[1] ?? '';
    expect((await client.logInWith({ inviteCode: loginLink.replace('sgl_', 'sgi_') })).status).toBe(401);
    expect((await client.logInWith({ loginLink, name: 'Eve' })).status).toBe(400);
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.logInWith({ loginLink })));
    const good = answers.filter(({ status }) => status === 200);
    expect(good.map((answer) => client.personOf(answer).userId)).toEqual([member.userId]);
  });

  test('an invite of one tenant makes no member of another', async () => {
    await gate.operator('tenant', 'create', 'acme');
    const stranger = await client.logIn(await client.invite('admin', '--tenant', 'acme'));
    expect((await stranger.send('GET', '/auth/session')).body['tenant']).toBe('acme');
    for (const tenant of ['default', 'system']) {
      expect((await stranger.send('POST', '/auth/session', { tenant })).status).toBe(404);
    }
    const { invites } = (await stranger.send('GET', '/control/v1/invites')).body;
    expect(invites).toEqual([expect.objectContaining({ state: 'used' })]);
  });
});

describe('SB4: a viewer', () => {
  test('reads what its tenant shows, and changes nothing', async () => {
    const viewer = await client.newPerson('viewer');
    for (const path of [
      '/control/v1/users',
      '/control/v1/invites',
      '/control/v1/sessions',
      '/control/v1/audit',
      '/x',
    ]) {
      expect([path, (await viewer.send('GET', path)).status]).toEqual([path, 200]);
    }
    const changes: readonly (readonly [string, string])[] = [
      ['POST', '/control/v1/invites'],
      ['DELETE', '/control/v1/invites/A'],
      ['DELETE', '/control/v1/sessions/A'],
      ['POST', `/control/v1/users/${viewer.userId}/disable`],
      ['POST', '/x'],
      ['PUT', '/x'],
      ['PATCH', '/x'],
      ['DELETE', '/x'],
    ];
    for (const [method, path] of changes) {
      const { status, body } = await viewer.send(method, path, {});
      expect([method, path, status, body['code']]).toEqual([method, path, 403, 'permission-denied']);
    }
  });

  test('T15: platform operations exist in tenant system only, whatever the role', async () => {
    const inDefault = await client.newPerson('admin');
    expect((await inDefault.send('POST', '/control/v1/posture', {})).status).toBe(403);
  });
});

test('SB26: no token, cookie or code that was in use here stands in a log or in the decision file', async () => {
  expect(client.secrets.size).toBeGreaterThan(3);
  expect(await client.leaks()).toEqual([]);
});
