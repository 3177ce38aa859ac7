import { deny, type Guard, PASS } from '../guard.ts';
import type { RoutePolicy } from '../policy/policy.ts';

/** Refuses bodies that are declared larger than the route takes (WK13); chunked ones end at the same size while they are read. */
export function bodySizeGuard({ bodyBytesMax, config }: RoutePolicy): Guard {
  return {
    id: 'body-size',
    phase: 'screen',
    onError: 'deny',
    evaluate({ request: { bodyBytes } }) {
      if (bodyBytes === undefined || bodyBytes <= bodyBytesMax) return PASS;
      const finding = {
        rule: `at most ${bodyBytesMax} bytes`,
        field: 'body',
        evidence: `${bodyBytes} bytes`,
        config: `${config}.bodyBytesMax`,
        exception: `${config}.bodyBytesMax: ${bodyBytes}`,
      };
      return deny('body-too-large', finding, { detail: `The body may have at most ${bodyBytesMax} bytes.` });
    },
  };
}
