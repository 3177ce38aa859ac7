import { Agent, request } from 'node:http';
import type { RunningGate } from './gate.ts';

/** What came of asking more than one may. */
export interface Overload {
  readonly admitted: number;
  readonly refused: number;
  /** Answers that are neither. */
  readonly others: number;
  /** From the first request to the last answer. */
  readonly elapsedMs: number;
}

/** Asks every gate for `path` as fast as a few connections can, for so long. */
export async function overload(
  gates: readonly RunningGate[],
  { path, headers, forMs }: { path: string; headers: Readonly<Record<string, string>>; forMs: number },
): Promise<Overload> {
  const agent = new Agent({ keepAlive: true });
  const counts = new Map<number, number>();
  const begunMs = performance.now();
  const ask = async (gate: RunningGate): Promise<void> => {
    while (performance.now() - begunMs < forMs) {
      const status = await once(gate, agent, { path, headers });
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(gates.flatMap((gate) => Array.from({ length: 4 }, () => ask(gate))));
  const elapsedMs = performance.now() - begunMs;
  agent.destroy();
  const admitted = counts.get(200) ?? 0;
  const refused = counts.get(429) ?? 0;
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return { admitted, refused, others: all - admitted - refused, elapsedMs };
}

function once(
  { port }: RunningGate,
  agent: Agent,
  { path, headers }: { path: string; headers: Readonly<Record<string, string>> },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers, agent }, (response) => {
      response.resume();
      response.once('error', reject);
      response.once('end', () => resolve(response.statusCode ?? 0));
    });
    asked.once('error', reject);
    asked.end();
  });
}
