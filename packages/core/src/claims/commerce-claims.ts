import type { Claim } from './claim.ts';

/** Claims that an API of orders and permissions makes. */
export const COMMERCE_CLAIMS: readonly Claim[] = [
  {
    id: 'SS15',
    area: 'upstreams',
    claim:
      'Routes with an OpenAPI document take only requests that match it: path, query, header fields, cookies and body.',
    asvs: ['2.2.1', '2.2.2', '4.1.1'],
    soc2: ['CC6.6', 'CC7.1'],
  },
];
