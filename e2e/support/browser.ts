import { type Browser, chromium } from 'playwright-core';
import { chromiumPath } from './available.ts';

/** A browser that asks for nothing but what a test opens. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts the Chromium that `chromiumPath()` finds; the caller closes it. Skip the test where there is none. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error('no Chromium was found: set STEADYGATE_TEST_CHROMIUM');
  return chromium.launch({ executablePath, args: FLAGS });
}
