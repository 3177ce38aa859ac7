import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EchoUpstream, echoConfig, startEchoUpstream } from './support/echo-upstream.ts';
import { type GateClient, gateClient, text } from './support/gate-client.ts';
import { openEvents } from './support/gate-streams.ts';
import { type RunningGate, startGate } from './support/gate.ts';

let upstream: EchoUpstream;
let gate: RunningGate;
let client: GateClient;

beforeAll(async () => {
  upstream = await startEchoUpstream();
  // The stream at `/events` is an object of its own here.
  const ownership = [{ resource: 'room', upstream: 'app', idPattern: '[a-z]+', guards: ['/{id}'] }];
  gate = await startGate({ config: echoConfig(upstream.url, { ownership }) });
  client = gateClient(gate);
  client.inviteThrough(await client.logIn(text(gate.invite)));
});
afterAll(async () => {
  await gate.stop();
  await upstream.close();
});

const ROOM = ['--upstream', 'app', '--resource', 'room', '--object', 'events', '--reason', 'a test'];

test('T10: who an object is taken from loses its open stream at once, and who gets it may open one', async () => {
  const before = await client.newPerson('member');
  const after = await client.newPerson('member');
  await gate.operator('owner', 'import', ...ROOM, '--user', before.userId);
  const stream = await openEvents(gate, Object.fromEntries([before.cookie()]));
  await expect(openEvents(gate, Object.fromEntries([after.cookie()]))).rejects.toThrow('404');

  await gate.operator('owner', 'transfer', ...ROOM, '--user', after.userId);
  await stream.ended;
  await expect(openEvents(gate, Object.fromEntries([before.cookie()]))).rejects.toThrow('404');
  await openEvents(gate, Object.fromEntries([after.cookie()]));
});
