import { text } from './gate-client.ts';
import { overload, type Overload } from './overload.ts';
import { type Cluster, cluster } from './two-gates.ts';

const PER_SECOND = 100;

/** Two gates that let one caller ask 100 times a second. */
export async function sharedLimit(): Promise<{
  readonly all: Cluster;
  /** Asks both for so long, and gives what came of it and the most that may be admitted. */
  flood(forMs: number): Promise<Overload & { readonly most: number }>;
}> {
  const permission = { read: 'app:read', write: 'app:write' };
  const limits = [{ per: 'principal', rate: `${PER_SECOND}/s` }];
  const all = await cluster({ routes: [{ path: '/**', upstream: 'app', permission, limits }], ownership: [] });
  const [one, two] = await Promise.all([all.start(), all.start()]);
  const invite = [one, two].map(({ gate }) => gate.invite).find((shown) => shown !== null);
  const client = one.gate.invite === null ? two.client : one.client;
  const cookie = (await client.logIn(text(invite))).cookie()[1];
  return {
    all,
    async flood(forMs) {
      const found = await overload([one.gate, two.gate], { path: '/x', headers: { cookie }, forMs });
      return { ...found, most: (PER_SECOND * found.elapsedMs) / 1_000 + PER_SECOND };
    },
  };
}
