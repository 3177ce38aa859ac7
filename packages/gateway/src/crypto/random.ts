import { randomBytes } from 'node:crypto';
import type { Random } from '@steadygate/core';

/** Chance from the operating system's generator. */
export const systemRandom: Random = {
  bytes: (count) => randomBytes(count),
  id: randomId,
};

/** An id that starts with `-` would read as an option on a command line: such draws are thrown away. */
function randomId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? randomId() : id;
}
