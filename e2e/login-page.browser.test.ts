import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chromiumPath } from './support/available.ts';
import { launchBrowser } from './support/browser.ts';
import { type Canned, type PageServer, startPageServer } from './support/page-server.ts';

const SIGNED_IN: Canned = { status: 200 };
const SIGNED_OUT: Canned = { status: 401, body: { code: 'credential-required', title: 'x', requestId: 'r1' } };
const FAILED: Canned = { status: 401, body: { code: 'login-failed', title: 'The log-in failed', requestId: 'r2' } };
const LIMITED: Canned = { ...FAILED, status: 429, body: { code: 'rate-limited' }, headers: { 'retry-after': '754' } };

/** What `returnTo` says, and where the page goes. */
const RETURNS: readonly (readonly [wanted: string, reached: string])[] = [
  ['/', '/'],
  ['/console/', '/console/'],
  ['/api/chats?q=1&next=https://other.example/#part', '/api/chats?q=1&next=https://other.example/#part'],
  ['//other.example/', '/'],
  ['///other.example/', '/'],
  ['/\\other.example/', '/'],
  ['\\\\other.example/', '/'],
  ['/\t/other.example/', '/'],
  ['/\n/other.example', '/'],
  ['/.//other.example', '/'],
  ['/a/..//other.example', '/'],
  ['https://other.example/', '/'],
  ['https:other.example', '/'],
  ['javascript:alert(1)', '/'],
  [' //other.example', '/'],
  ['console/', '/'],
  ['', '/'],
  ['/auth/login?returnTo=/', '/'],
];

describe.skipIf(chromiumPath() === undefined)('the log-in page in a browser', () => {
  let browser: Browser;
  let server: PageServer;
  let page: Page;
  let violations: string[];

  beforeAll(async () => {
    [browser, server] = await Promise.all([launchBrowser(), startPageServer()]);
  });

  beforeEach(async () => {
    page = await browser.newPage();
    violations = [];
    await page.exposeFunction('violated', (what: string) => violations.push(what));
    await page.addInitScript(
      `addEventListener('securitypolicyviolation', (e) => violated(e.violatedDirective + ' ' + e.blockedURI))`,
    );
  });

  afterEach(async () => {
    await page.close();
    // oxlint-disable-next-line vitest/no-standalone-expect -- holds for every test of this page.
    expect(violations).toEqual([]);
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  const open = async (rest: string) => page.goto(`${server.origin}/auth/login${rest}`);
  const stored = async () => page.evaluate('localStorage.length + sessionStorage.length + document.cookie.length');

  it('who is signed in goes on at once to returnTo, and never to another origin', async () => {
    server.answer({ session: SIGNED_IN, login: FAILED });
    const reached: (readonly [string, string])[] = [];
    for (const [wanted] of RETURNS) {
      await open(`?returnTo=${encodeURIComponent(wanted)}`);
      await page.waitForURL((url) => url.pathname !== '/auth/login');
      reached.push([wanted, page.url().replace(server.origin, '')]);
    }
    expect(reached).toEqual(RETURNS);
  });

  it('an invite link leaves the address bar at once, asks for the name first, and logs in with both', async () => {
    server.answer({ session: SIGNED_OUT, login: SIGNED_IN });
    await open('?returnTo=/console/#invite=abc-DEF_123');
    await page.getByLabel('Your name').waitFor();
    expect(page.url()).toBe(`${server.origin}/auth/login?returnTo=/console/`);
    expect(server.logins).toEqual([]);

    await page.keyboard.type('Kim');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${server.origin}/console/`);
    expect(server.logins).toEqual([{ inviteCode: 'abc-DEF_123', name: 'Kim' }]);
  });

  it('a log-in link logs in at once, and neither stays in the history', async () => {
    server.answer({ session: SIGNED_OUT, login: SIGNED_IN });
    await open('#link=one-time');
    await page.waitForURL(`${server.origin}/`);
    expect(server.logins).toEqual([{ loginLink: 'one-time' }]);
    await page.goBack().catch(() => null);
    expect(page.url()).not.toContain('one-time');
  });

  it('a link that is pasted into the address bar of the open page works too', async () => {
    server.answer({ session: SIGNED_OUT, login: SIGNED_IN });
    await open('');
    await page.getByLabel('Invite code').waitFor();
    await page.evaluate(`location.hash = '#link=pasted'`);
    await page.waitForURL(`${server.origin}/`);
    expect(server.logins).toEqual([{ loginLink: 'pasted' }]);
  });

  it('who is signed in keeps the session: a link of somebody else is not used', async () => {
    server.answer({ session: SIGNED_IN, login: SIGNED_IN });
    await open('#link=of-an-attacker');
    await page.waitForURL(`${server.origin}/`);
    expect(server.logins).toEqual([]);
  });

  it('a wrong code is announced, marked and selected for the next try', async () => {
    server.answer({ session: SIGNED_OUT, login: FAILED });
    await open('');
    const code = page.getByLabel('Invite code');
    await code.fill('  SB-VIEW-WRONG234 ');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('This code did not work').waitFor();
    expect(server.logins).toEqual([{ inviteCode: 'SB-VIEW-WRONG234' }]);
    expect(await code.getAttribute('aria-invalid')).toBe('true');
    expect(await page.evaluate('document.activeElement.id')).toBe('code');
    expect(await page.getByText('r2').isVisible()).toBe(true);
    expect(await stored()).toBe(0);
  });

  it('SB7: says how long to wait when there were too many attempts, and sends nothing meanwhile', async () => {
    server.answer({ session: SIGNED_OUT, login: LIMITED });
    await open('');
    await page.getByLabel('Invite code').fill('SB-VIEW-WRONG234');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('Try again in 13 minutes').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /in 12:\d\d/ }).click({ force: true });
    // A round trip after it: what was sent before has arrived by now.
    await page.evaluate(`fetch('/auth/session').then(() => 0)`);
    expect(server.logins).toHaveLength(1);
  });

  it('a failed invite link falls back to the code, an empty code asks for one', async () => {
    server.answer({ session: SIGNED_OUT, login: FAILED });
    await open('#invite=used-up');
    await page.getByRole('button', { name: 'Accept the invitation' }).click();
    await page.getByRole('alert').getByText('This invitation did not work').waitFor();
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').getByText('Enter your invite code').waitFor();
    expect(server.logins).toHaveLength(1);
  });

  it('keeps a log-in link while the server cannot be reached, and uses it on the next try', async () => {
    server.answer({ session: SIGNED_OUT, login: SIGNED_IN });
    await page.route('**/auth/session', async (route) => route.abort());
    await open('#link=kept');
    await page.getByRole('alert').getByText('cannot be reached').waitFor();
    await page.unroute('**/auth/session');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.waitForURL(`${server.origin}/`);
    expect(server.logins).toEqual([{ loginLink: 'kept' }]);
  });
});
