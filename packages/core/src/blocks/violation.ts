import type { DecisionRecord } from '../decision-record.ts';
import { type Address, type AddressRange, isPrivate, parseAddress, rangeContains } from '../net/address.ts';
import { addressSubject, type BlockSubject, callerSubject } from './block.ts';
import type { ViolationKind } from './violation-kind.ts';

/** A refusal that counts against somebody. */
export interface Violation {
  readonly kind: ViolationKind;
  readonly by: BlockSubject;
  /** The guard and its rule. */
  readonly cause: string;
  readonly requestId: string;
  readonly atMs: number;
}

/** From where nothing counts. */
export interface Exemptions {
  readonly allow: readonly AddressRange[];
  /** Listed proxies: what bears their own address may be anybody's, unless a credential says whose. */
  readonly proxies: readonly AddressRange[];
}

/**
 * The violation in a decided request, and whose it is; undefined when it is none.
 *
 * Counts against a key or user only after it was verified, else against the address.  What comes from
 * exempt addresses, what another site's page may have caused, and what an unlisted proxy passes on count against nobody (T13).
 */
export function violationOf(record: DecisionRecord, exempt: Exemptions): Violation | undefined {
  const { decision, requestId, atMs } = record;
  const { denial, principal } = decision;
  if (denial?.violation === undefined || isExempt(record, exempt)) return undefined;
  const finding = decision.findings.findLast(({ guard, shadow }) => guard === denial.guard && shadow !== true);
  return {
    kind: denial.violation,
    by: principal === undefined ? addressSubject(record.clientAddress) : callerSubject(principal),
    cause: `${denial.guard}: ${finding?.rule ?? denial.code}`,
    requestId,
    atMs,
  };
}

function isExempt({ decision, ...record }: DecisionRecord, { allow, proxies }: Exemptions): boolean {
  const via = decision.principal?.credential.via;
  // Browsers add cookies by themselves; keys and bearer tokens are added by programs.
  if (record.mayBeOtherSites === true && (via === undefined || via === 'cookie')) return true;
  const address = parseAddress(record.clientAddress);
  const isIn = (ranges: readonly AddressRange[]): boolean =>
    address !== undefined && ranges.some((range) => rangeContains(range, address));
  if (isIn(allow)) return true;
  return via === undefined && (address === undefined || isIn(proxies) || isProxy(address, record.claimsForwarding));
}

/** It stands for many: a block would shut them all out. The alert of forged forwarding fields tells of it. */
function isProxy(address: Address, claimsForwarding: boolean | undefined): boolean {
  return claimsForwarding === true && isPrivate(address);
}
