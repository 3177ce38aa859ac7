import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { RunningGate } from './gate.ts';

/** Something open through the gate. */
export interface OpenSocket {
  /** Resolves with the close code and the time it came. */
  readonly closed: Promise<{ readonly code: number; readonly atMs: number }>;
  close(): void;
}

/** Opens `/ws` with these fields; rejects with the status when it is refused. */
export async function openSocket(gate: RunningGate, headers: Readonly<Record<string, string>>): Promise<OpenSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${gate.port}/ws`, { headers });
  const closed = new Promise<{ code: number; atMs: number }>((resolve) => {
    socket.once('close', (code) => resolve({ code, atMs: Date.now() }));
  });
  socket.on('error', () => undefined);
  const refused = new Promise<never>((_, reject) => {
    socket.once('unexpected-response', (_request, response) => {
      socket.terminate();
      reject(new Error(`refused with ${response.statusCode}`));
    });
  });
  await Promise.race([once(socket, 'open'), refused]);
  return { closed, close: () => socket.close() };
}

/** Opens `/events`, waits for its first event; `ended` resolves with the time it ended. */
export async function openEvents(
  gate: RunningGate,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly ended: Promise<number> }> {
  const response = await fetch(`${gate.url}/events`, { headers });
  const reader = response.body?.getReader();
  if (response.status !== 200 || reader === undefined) throw new Error(`no stream: ${response.status}`);
  await reader.read();
  return { ended: drain(reader) };
}

async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<number> {
  try {
    while (!(await reader.read()).done);
  } catch {
    // Broken off: as over as one that ended.
  }
  return Date.now();
}
