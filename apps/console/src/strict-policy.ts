/**
 * Tells the contract's schemas to validate without generating code: the page's policy allows no `eval`.
 *
 * Imported before everything else, because schemas look at it when they are made.
 */
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
