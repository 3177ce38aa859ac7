import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import { ProblemError } from '@steadygate/core';

import { tooLarge } from './body-stream.ts';

type Unpack = (packed: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>;

const gzip: Unpack = promisify(gunzip);
const zlib: Unpack = promisify(inflate);
const raw: Unpack = promisify(inflateRaw);
const brotli: Unpack = promisify(brotliDecompress);

const UNPACKERS: Readonly<Record<string, Unpack>> = {
  gzip,
  'x-gzip': gzip,
  br: brotli,
  // RFC 9110 §8.4.1.2: some senders leave the zlib frame out.
  deflate: (packed, options) => (((packed[0] ?? 0) & 0x0f) === 8 ? zlib : raw)(packed, options),
};

/** Whether a body in this content encoding can be read. Lists of encodings cannot. */
export function isDecodable(encoding: string): boolean {
  return encoding === 'identity' || Object.hasOwn(UNPACKERS, encoding);
}

/**
 * A body without its content encoding, at most `bytesMax` octets: a bomb ends there, and not in memory.
 *
 * @throws ProblemError `body-too-large`, `body-invalid`
 */
export async function unpacked(packed: Uint8Array, encoding: string, bytesMax: number): Promise<Uint8Array> {
  const unpack = UNPACKERS[encoding];
  if (unpack === undefined || packed.length === 0) return packed;
  try {
    return await unpack(packed, { maxOutputLength: bytesMax });
  } catch (cause) {
    const isBomb = cause instanceof RangeError;
    if (isBomb) throw new ProblemError('body-too-large', { detail: tooLarge(bytesMax) }, { cause });
    throw new ProblemError('body-invalid', { detail: `The body is not ${encoding}.` }, { cause });
  }
}
