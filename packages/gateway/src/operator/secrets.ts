import { z } from 'zod';
import { defineCommand } from './command.ts';
import { byOperator } from './fields.ts';

const PURPOSES = ['access', 'assertion'] as const;

/** Makes new signing keys. The old ones verify until their last token has ended (AU10). */
export const rotateSecrets = defineCommand({
  name: 'secrets.rotate',
  summary: 'Make new signing keys',
  needsServer: false,
  input: z.strictObject({ purpose: z.enum(PURPOSES, 'access or assertion').optional() }),
  output: z.strictObject({
    keys: z.array(z.strictObject({ purpose: z.enum(PURPOSES), kid: z.string() })),
    oldVerifyUntil: z.int(),
  }),
  async run(deps, { purpose }) {
    const by = byOperator(deps, 'system');
    const overlapMs = deps.settings().keyOverlapMs;
    const keys: { purpose: (typeof PURPOSES)[number]; kid: string }[] = [];
    for (const of of purpose === undefined ? PURPOSES : [purpose]) {
      keys.push({ purpose: of, kid: await deps.store.signingKeys.rotate({ purpose: of, overlapMs }, by) });
    }
    return { keys, oldVerifyUntil: by.nowMs + overlapMs };
  },
});
