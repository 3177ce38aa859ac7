import { parseKek } from '../crypto/key-encryption-key.ts';
import { systemRandom } from '../crypto/random.ts';
import { storeCrypto } from '../crypto/store-crypto.ts';
import { openStore } from './store.ts';

/*
 * A process that claims objects until it is killed, and says of each when it is acknowledged.
 * Arguments: data directory, key-encryption key, number of the first object.
 */

const [dataDir = '', kek = '', from = '0'] = process.argv.slice(2);
const store = await openStore({
  dataDir,
  database: { kind: 'sqlite' },
  crypto: storeCrypto(parseKek(kek), systemRandom),
  nowMs: 1,
  onListenerError: () => undefined,
});

for (let number = Number(from); ; number += 4) {
  await Promise.all(
    [0, 1, 2, 3].map(async (offset) => {
      const objectId = `c${number + offset}`;
      await store.owners.claim({ tenantId: 'default', upstream: 'app', resource: 'chat', objectId }, 'ann', 1);
      process.stdout.write(`${objectId}\n`);
    }),
  );
}
