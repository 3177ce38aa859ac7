import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { forkAssistant, originOf } from './support/assistant-app.ts';

describe('the forked process', () => {
  it('outlives SIGINT and ends when its parent disconnects', async () => {
    const forked = forkAssistant();
    const url = await originOf(forked);
    forked.kill('SIGINT');
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' });

    forked.disconnect();
    expect(await once(forked, 'exit')).toEqual([0, null]);
  });

  it('stops cleanly on SIGTERM with streams open', async () => {
    const forked = forkAssistant();
    const stream = await fetch(`${await originOf(forked)}/api/events`);
    forked.kill('SIGTERM');
    expect(await once(forked, 'exit')).toEqual([0, null]);
    await expect(stream.text()).rejects.toThrow();
  });
});
