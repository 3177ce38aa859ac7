import { describe, expect, it } from 'vitest';
import { keyPrincipal, NOW, principal, viaBearer } from '../../test/fixtures.ts';
import type { DecisionRecord } from '../decision-record.ts';
import type { Finding } from '../finding.ts';
import { parseRange } from '../net/address.ts';
import type { Principal } from '../principal.ts';
import type { ViolationKind } from './violation-kind.ts';
import { violationOf } from './violation.ts';

interface Asked extends Partial<DecisionRecord> {
  readonly principal?: Principal;
  readonly violation?: ViolationKind | undefined;
  readonly findings?: readonly Finding[];
}

function decided({
  principal: who,
  findings = [{ guard: 'waf', rule: 'sqli-1' }],
  ...asked
}: Asked = {}): DecisionRecord {
  const violation = 'violation' in asked ? asked.violation : 'attack';
  return {
    requestId: 'r1',
    atMs: NOW,
    method: 'GET',
    path: '/api',
    clientAddress: '198.51.100.7',
    route: 'routes[0]',
    decision: {
      outcome: 'deny',
      principal: who,
      denial: { guard: 'waf', code: 'content-refused', facts: {}, violation },
      findings,
      answerHeaders: [],
    },
    status: 403,
    durationMs: 1,
    answerBytes: 0,
    ...asked,
  };
}

const ranges = (...texts: string[]) => texts.map(parseRange).filter((range) => range !== undefined);
const NOBODY = { allow: [], proxies: [] };
const judge = (asked: Asked, exempt = NOBODY as Parameters<typeof violationOf>[1]) =>
  violationOf(decided(asked), exempt);

describe('whose a violation is', () => {
  it('T13: of nobody verified it is the address', () => {
    expect(judge({})).toEqual({
      kind: 'attack',
      by: { kind: 'address', address: '198.51.100.7' },
      cause: 'waf: sqli-1',
      requestId: 'r1',
      atMs: NOW,
    });
    expect(judge({ clientAddress: '2001:db8:1:2::9' })?.by).toEqual({ kind: 'address', address: '2001:db8:1:2::/64' });
  });

  it('T13: of a verified key or user it is theirs, in their tenant, and not the address', () => {
    expect(judge({ principal: principal({ tenantId: 'acme' }) })?.by).toEqual({
      kind: 'user',
      tenantId: 'acme',
      id: 'u1',
    });
    expect(judge({ principal: keyPrincipal({}, { tenantId: 'acme' }) })?.by).toEqual({
      kind: 'key',
      tenantId: 'acme',
      id: 'k1',
    });
  });

  it('names the rule that was enforced, not one in shadow', () => {
    const findings = [
      { guard: 'waf', rule: 'enforced' },
      { guard: 'waf', rule: 'watched', shadow: true },
    ];
    expect(judge({ findings })?.cause).toBe('waf: enforced');
    expect(judge({ findings: [] })?.cause).toBe('waf: content-refused');
  });
});

describe('T13: what is nobody’s violation', () => {
  it('a refusal that no guard calls one', () => {
    expect(judge({ violation: undefined })).toBeUndefined();
  });

  it('T3: what only shadow found', () => {
    const { denial: _, ...passed } = decided().decision;
    const shadow = [{ guard: 'waf', rule: 'sqli-1', shadow: true }];
    const record = { ...decided(), decision: { ...passed, outcome: 'allow', findings: shadow } as const };
    expect(violationOf(record, NOBODY)).toBeUndefined();
  });

  it('what another site’s page may have caused, unless a program adds the credential', () => {
    const mayBeOtherSites = true;
    expect(judge({ mayBeOtherSites })).toBeUndefined();
    expect(judge({ mayBeOtherSites, principal: principal() })).toBeUndefined();
    expect(judge({ mayBeOtherSites, principal: principal({ credential: viaBearer }) })).toBeDefined();
    expect(judge({ mayBeOtherSites, principal: keyPrincipal() })).toBeDefined();
  });

  it('what comes from an allowed address, whoever it is', () => {
    const allow = { allow: ranges('198.51.100.0/24'), proxies: [] };
    expect(judge({}, allow)).toBeUndefined();
    expect(judge({ principal: keyPrincipal() }, allow)).toBeUndefined();
    expect(judge({ clientAddress: '203.0.113.1' }, allow)).toBeDefined();
  });

  it('what bears the address of a listed proxy, unless a credential says whose it is', () => {
    const proxies = { allow: [], proxies: ranges('198.51.100.0/24') };
    expect(judge({}, proxies)).toBeUndefined();
    expect(judge({ principal: keyPrincipal() }, proxies)?.by.kind).toBe('key');
  });

  it('what an unlisted proxy of a private network passes on; a claim to be one shields nobody outside', () => {
    const claimsForwarding = true;
    expect(judge({ claimsForwarding, clientAddress: '10.0.0.7' })).toBeUndefined();
    expect(judge({ claimsForwarding, clientAddress: '10.0.0.7', principal: keyPrincipal() })?.by.kind).toBe('key');
    expect(judge({ claimsForwarding, clientAddress: '8.8.8.8' })?.by).toEqual({ kind: 'address', address: '8.8.8.8' });
    expect(judge({ clientAddress: '10.0.0.7' })).toBeDefined();
  });

  it('what has no address that can be judged', () => {
    expect(judge({ clientAddress: '' })).toBeUndefined();
    expect(judge({ clientAddress: '', principal: keyPrincipal() })?.by.kind).toBe('key');
  });
});
