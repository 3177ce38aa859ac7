import type { Block } from '../blocks/block.ts';
import type { BlockBook } from '../blocks/block-book.ts';
import { presentedCredential } from '../credential/presented-credential.ts';
import { deny, type DenyVerdict, type Guard, type GuardContext, PASS } from '../guard.ts';
import { isNavigation } from '../navigation.ts';
import { type AddressRange, parseAddress, rangeContains } from '../net/address.ts';
import type { AuthenticateOptions } from './authenticate.ts';

/** What the guards of blocks go by. */
export interface BlockGuardOptions {
  readonly blocks: BlockBook;
  /** No block refuses what comes from here; limits and inspection do as ever. */
  readonly allow: readonly AddressRange[];
}

/**
 * Refuses what a blocked address sends without a credential (WK3).
 *
 * `credentials` is absent on public routes, where none is judged. Elsewhere whatever presents one goes on to authentication: a good
 * session or key passes (T13), a bad one pays from the address's budget and is refused there, so that it stays cheap (T24). Who
 * opens a page is sent to log in as ever: a neighbour of the same address must not be shut out.
 */
export function addressBlockGuard(
  { blocks, allow }: BlockGuardOptions,
  credentials: Pick<AuthenticateOptions, 'cookies' | 'keyPrefix'> | undefined,
): Guard {
  return {
    id: 'block.address',
    phase: 'screen',
    onError: 'deny',
    evaluate(ctx) {
      const { request, nowMs } = ctx;
      const block = blocks.ofAddress(request.clientAddress, nowMs);
      if (block === undefined || isAllowed(allow, request.clientAddress)) return PASS;
      return credentials !== undefined && goesOn(ctx, credentials) ? PASS : refused(block, ctx);
    },
  };
}

function goesOn(
  { request }: GuardContext,
  { cookies, keyPrefix }: Pick<AuthenticateOptions, 'cookies' | 'keyPrefix'>,
): boolean {
  return presentedCredential(request.headers, cookies, keyPrefix) !== 'none' || isNavigation(request);
}

/** Refuses a blocked key, user or service account, wherever it calls from, in its own tenant (WK3, T13). */
export function callerBlockGuard({ blocks, allow }: BlockGuardOptions): Guard {
  return {
    id: 'block.caller',
    phase: 'authenticate',
    onError: 'deny',
    evaluate(ctx) {
      const { principal, request, nowMs } = ctx;
      const block = principal === undefined ? undefined : blocks.ofCaller(principal, nowMs);
      return block === undefined || isAllowed(allow, request.clientAddress) ? PASS : refused(block, ctx);
    },
  };
}

function isAllowed(allow: readonly AddressRange[], clientAddress: string): boolean {
  const address = allow.length === 0 ? undefined : parseAddress(clientAddress);
  return address !== undefined && allow.some((range) => rangeContains(range, address));
}

/** The caller is told that it is blocked and until when; what blocked it stays inside. */
function refused({ id, subject, cause, untilMs }: Block, { request, nowMs }: GuardContext): DenyVerdict {
  const retryAfterSeconds = Math.ceil((untilMs - nowMs) / 1000);
  const finding = {
    rule: `blocked ${subject.kind}`,
    evidence: `block ${id}, for another ${retryAfterSeconds} s (${cause})`,
    config: 'blocks',
    exception: `steadygate block lift ${id}\nblocks.allow: ["${request.clientAddress}"]`,
  };
  return deny('blocked', finding, { retryAfterSeconds });
}
