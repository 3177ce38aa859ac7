import { assertPlatform } from './actor.ts';
import { type Change, change, record, traceOf, type Writing } from './change.ts';
import type { StoreContext } from './context.ts';
import type { Place } from './crypto-port.ts';
import { EVERY_TENANT } from './reach.ts';

/** What a key signs. Assertions have keys of their own (T2). */
export type KeyPurpose = 'access' | 'assertion';

const PURPOSES: readonly KeyPurpose[] = ['access', 'assertion'];

/** For so long a key whose time is over is known: what it signed has expired, and nobody forged it. */
const RETIRED_KEPT_MS = 7 * 86_400_000;

/** A signing key, opened. */
export interface StoredSigningKey {
  readonly kid: string;
  readonly purpose: KeyPurpose;
  /** SPKI, DER. */
  readonly publicKey: Uint8Array;
  /** PKCS #8, DER. Undefined on a retired key: it verifies until `notAfterMs`. */
  readonly privateKey: Uint8Array | undefined;
  readonly notAfterMs: number | undefined;
}

/** The gate's signing keys. Platform only. */
export interface SigningKeys {
  /** Makes sure that each purpose has a current key. */
  ensure(by: Change): Promise<void>;
  /** Current keys, and retired ones: those of the last week also after their last token has ended. */
  load(nowMs: number): Promise<readonly StoredSigningKey[]>;
  /** Makes a new current key; the old one's private half is destroyed and it verifies for `overlapMs` more. Returns the new `kid`. */
  rotate(rotation: { readonly purpose: KeyPurpose; readonly overlapMs: number }, by: Change): Promise<string>;
}

/** Signing keys in the store, their private halves sealed. */
export function signingKeys(ctx: StoreContext): SigningKeys {
  return {
    async ensure(by) {
      assertPlatform(by.actor);
      await change(ctx, by.actor, async (writing) => {
        for (const purpose of PURPOSES) {
          if (!(await hasCurrent(writing, purpose))) await insert(writing, purpose, by);
        }
      });
    },
    async load(nowMs) {
      const rows = await ctx.database
        .reader(EVERY_TENANT)
        .selectFrom('signingKey')
        .selectAll()
        .where(({ or, eb }) => or([eb('notAfterMs', 'is', null), eb('notAfterMs', '>', nowMs - RETIRED_KEPT_MS)]))
        .orderBy('createdAtMs')
        .execute();
      return rows.map(({ kid, purpose, publicKey, sealedPrivateKey, notAfterMs }) => ({
        kid,
        // Written by `insert` only.
        purpose: purpose as KeyPurpose,
        publicKey,
        privateKey: sealedPrivateKey === null ? undefined : ctx.vault.open(sealedPrivateKey, keyPlace(kid)),
        notAfterMs: notAfterMs ?? undefined,
      }));
    },
    async rotate({ purpose, overlapMs }, by) {
      assertPlatform(by.actor);
      return change(ctx, by.actor, async (writing) => {
        await retire(writing, purpose, { nowMs: by.nowMs, notAfterMs: by.nowMs + overlapMs });
        return insert(writing, purpose, by);
      });
    },
  };
}

async function hasCurrent({ tx }: Writing, purpose: KeyPurpose): Promise<boolean> {
  const current = tx.db
    .selectFrom('signingKey')
    .select('kid')
    .where('purpose', '=', purpose)
    .where('notAfterMs', 'is', null);
  return (await current.executeTakeFirst()) !== undefined;
}

async function retire({ tx }: Writing, purpose: KeyPurpose, at: { nowMs: number; notAfterMs: number }): Promise<void> {
  await tx.db
    .updateTable('signingKey')
    .set({ notAfterMs: at.notAfterMs, sealedPrivateKey: null })
    .where('purpose', '=', purpose)
    .where('notAfterMs', 'is', null)
    .execute();
  await tx.db
    .deleteFrom('signingKey')
    .where('notAfterMs', '<=', at.nowMs - RETIRED_KEPT_MS)
    .execute();
}

async function insert(writing: Writing, purpose: KeyPurpose, by: Change): Promise<string> {
  const { tx, ctx } = writing;
  const { kid, publicKey, privateKey } = ctx.newSigningKey();
  const sealedPrivateKey = ctx.vault.seal(privateKey, keyPlace(kid));
  await tx.db
    .insertInto('signingKey')
    .values({ kid, purpose, publicKey, sealedPrivateKey, createdAtMs: by.nowMs, notAfterMs: null })
    .execute();
  await record(writing, traceOf(by), { action: 'key.rotated', subject: kid, facts: { purpose } });
  const event = { kind: 'key.rotated', tenantId: by.actor.tenantId, subject: kid, atMs: by.nowMs } as const;
  await ctx.events.append(tx, event);
  return kid;
}

function keyPlace(kid: string): Place {
  return { table: 'signingKey', column: 'sealedPrivateKey', rowId: kid };
}
