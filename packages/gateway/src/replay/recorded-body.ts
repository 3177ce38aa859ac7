import { firstHeader, type BodyText, type HeaderList, ProblemError, type RequestBody } from '@steadygate/core';
import { jsonContent, textContent } from '../proxy/body-content.ts';

/** A body from a recording, read by the rules of one that arrives. */
export function recordedBody(bytes: Uint8Array, headers: HeaderList, bytesMax: number): RequestBody {
  const whole = (): Uint8Array => {
    if (bytes.length <= bytesMax) return bytes;
    throw new ProblemError('body-too-large');
  };
  return {
    // Async, so that what is thrown rejects as it does with a body that arrives.
    bytes: async () => whole(),
    json: async () => jsonContent(whole(), firstHeader(headers, 'content-type')),
    text: async (): Promise<BodyText> => textContent(whole(), firstHeader(headers, 'content-encoding'), bytesMax),
  };
}
