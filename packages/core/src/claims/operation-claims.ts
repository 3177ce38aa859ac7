import type { Claim } from './claim.ts';

/** Claims about running a gate: the controls WK and SS. */
export const OPERATION_CLAIMS: readonly Claim[] = [
  {
    id: 'WK1',
    area: 'access',
    claim: 'API keys act in one tenant and stop at the gate; they are rotated with an overlap, and revoked at once.',
    asvs: ['13.2.1', '13.2.2'],
    soc2: ['CC6.1', 'CC6.2'],
  },
  {
    id: 'WK2',
    area: 'limits',
    claim: 'Each API key may call 10 times a second at most, unless its tenant has another limit.',
    asvs: ['2.4.1'],
    soc2: ['CC6.6'],
  },
  {
    id: 'WK3',
    area: 'limits',
    claim:
      'Ten attacks or failed credentials within a minute block the key or user, or what an address sends without one.',
    asvs: ['2.4.1', '6.3.1'],
    soc2: ['CC6.6'],
  },
  {
    id: 'WK4',
    area: 'limits',
    claim:
      'Texts of requests have at most 8192 characters and are valid UTF-8; others are refused, and none can forge a line of the log.',
    asvs: ['1.1.1', '2.2.1', '16.4.1'],
    soc2: ['CC6.6', 'CC7.2'],
  },
  {
    id: 'WK6',
    area: 'browsers',
    claim:
      'No look-alike of a listed origin may read answers: no null, no other scheme or port, no longer or shorter name.',
    asvs: ['3.4.2'],
    soc2: ['CC6.6'],
  },
  {
    id: 'WK8',
    area: 'browsers',
    claim: 'Without configured origins CORS allows nobody, and production does not start with an open one.',
    asvs: ['3.4.2'],
    soc2: ['CC6.6'],
  },
  {
    id: 'WK9',
    area: 'operation',
    claim: 'Production does not start without its keys, or with weak ones.',
    asvs: ['13.2.3'],
    soc2: ['CC6.1'],
  },
  {
    id: 'WK10',
    area: 'operation',
    claim: 'Error messages say what would help and nothing about what runs behind them.',
    asvs: ['16.5.1'],
    soc2: ['CC6.7'],
  },
  {
    id: 'WK11',
    area: 'operation',
    claim: 'Production tells a PostgreSQL nothing before TLS has verified it, or uses a socket of its own machine.',
    asvs: ['12.3.1', '12.3.2'],
    soc2: ['CC6.1', 'CC6.7'],
  },
  {
    id: 'WK12',
    area: 'limits',
    claim: 'Limits hold for all instances together: they count through one Redis, or one process serves alone.',
    asvs: ['2.4.1'],
    soc2: ['CC6.6'],
  },
  {
    id: 'WK13',
    area: 'limits',
    claim:
      'Requests have a largest head, target and body; a larger one is refused and never reaches the application whole.',
    asvs: ['15.2.2'],
    soc2: ['CC6.6'],
  },
  {
    id: 'WK14',
    area: 'access',
    claim: 'Addresses can be allowed and denied by list, and nobody can claim to call from another one.',
    asvs: ['4.1.3'],
    soc2: ['CC6.6'],
  },
  {
    id: 'WK15',
    area: 'upstreams',
    claim:
      'Requests that carry an attack are refused, in whatever field and however encoded; what only looks like one passes.',
    asvs: ['2.2.1', '16.3.3'],
    soc2: ['CC6.6', 'CC6.8', 'CC7.2'],
  },
  {
    id: 'WK16',
    area: 'operation',
    claim: 'The log is JSON, one event a line, and holds neither credentials nor characters that forge lines.',
    asvs: ['16.2.4', '16.2.5', '16.4.1'],
    soc2: ['CC7.2'],
  },
  {
    id: 'WK17',
    area: 'operation',
    claim: 'The holder of an API key sees what it was used for; a key that is 90 days old is reported, to be rotated.',
    asvs: ['13.3.4', '16.2.1'],
    soc2: ['CC6.1', 'CC7.2'],
  },
  {
    id: 'SS6',
    area: 'secrets',
    claim:
      'A test key passes for no live one, a rotated key gives way to its successor, and one from a new network raises an alert.',
    asvs: ['13.2.1', '13.3.4', '16.3.3'],
    soc2: ['CC6.1', 'CC7.2'],
  },
  {
    id: 'SS9',
    area: 'operation',
    claim: 'A role on the database can do no more than the gate needs: its tables and its log stay as they are.',
    asvs: ['13.2.2', '8.4.1'],
    soc2: ['CC6.1', 'CC6.3'],
  },
  {
    id: 'SS10',
    area: 'secrets',
    claim:
      'Names, tokens and private keys are sealed or hashed where they are kept, and no network sees them in plain text.',
    asvs: ['11.3.3', '12.3.1'],
    soc2: ['CC6.1', 'CC6.7'],
  },
];
