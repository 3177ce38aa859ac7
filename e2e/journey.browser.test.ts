import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from './support/available.ts';
import { launchBrowser } from './support/browser.ts';
import { type RunningGate, startGate } from './support/gate.ts';

/** Two people in one browser, each with cookies of their own. */
describe.skipIf(chromiumPath() === undefined)('two people use the demo in a browser', () => {
  let gate: RunningGate;
  let browser: Browser;

  beforeAll(async () => {
    [gate, browser] = await Promise.all([startGate(), launchBrowser()]);
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await gate.stop();
  });

  it('SB5: see their own chats only, and nothing of their tokens in scripts or storage (SB21)', async () => {
    const ada = await logIn(String(gate.invite), 'Ada');
    await ada.page.getByLabel('New chat').fill('Only mine');
    await ada.page.keyboard.press('Enter');
    await ada.page.getByRole('heading', { name: 'Only mine' }).waitFor();
    await ada.page.getByPlaceholder('Write a message').fill('Good morning');
    await ada.page.keyboard.press('Enter');
    await ada.page.getByText('Assistant', { exact: true }).last().waitFor();

    const { invite } = await gate.operator('invite', 'create', '--role', 'member');
    const max = await logIn(String(invite), 'Max');
    await max.page.getByText('No chats yet').waitFor();
    expect(await max.page.content()).not.toContain('Only mine');

    for (const { page, context } of [ada, max]) {
      expect(await page.evaluate('document.cookie')).toBe('');
      expect(await page.evaluate('localStorage.length + sessionStorage.length')).toBe(0);
      const cookies = await context.cookies();
      expect(cookies.map(({ httpOnly, sameSite }) => [httpOnly, sameSite])).toEqual([
        [true, 'Strict'],
        [true, 'Strict'],
      ]);
    }
    await Promise.all([ada.context.close(), max.context.close()]);
  }, 60_000);

  it('AU8: the console shows who one is; logging out there logs out of the application too', async () => {
    const { invite } = await gate.operator('invite', 'create', '--role', 'member', '--uses', '1');
    const grace = await logIn(String(invite), 'Grace');
    const consolePage = await grace.context.newPage();
    consolePage.setDefaultTimeout(20_000);
    await consolePage.goto(`${gate.url}/console/`);
    await consolePage.getByRole('heading', { name: 'Hello, Grace' }).waitFor();
    await consolePage.getByRole('button', { name: 'Log out' }).click();
    const again = consolePage.getByRole('link', { name: /log in/i });
    await again.waitFor();
    expect(await again.getAttribute('href')).toBe('/auth/login?returnTo=/console/');
    await grace.page.goto(gate.url);
    await grace.page.waitForURL('**/auth/login?returnTo=%2F');
    await grace.context.close();
  }, 60_000);

  async function logIn(invite: string, name: string): Promise<{ page: Page; context: BrowserContext }> {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(gate.url);
    await page.getByLabel('Invite code').fill(invite);
    await page.getByLabel(/Your name/).fill(name);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForURL(`${gate.url}/`);
    await page.getByText(name, { exact: true }).waitFor();
    return { page, context };
  }
});
