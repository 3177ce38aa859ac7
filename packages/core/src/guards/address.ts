import { deny, type Guard, PASS } from '../guard.ts';
import { type AddressRange, parseAddress, rangeContains } from '../net/address.ts';

/** Who may connect at all. */
export interface AddressLists {
  /** Empty: everybody. */
  readonly allow: readonly AddressRange[];
  readonly deny: readonly AddressRange[];
}

/** Refuses addresses on the deny list, and those off the allow list where there is one (WK14). A deny beats an allow. */
export function addressGuard(lists: AddressLists): Guard {
  const refuse = (rule: string, config: string): ReturnType<typeof deny> => deny('address-refused', { rule, config });
  const denied = refuse('address on the deny list', 'screen.denyAddresses');
  const notAllowed = refuse('address not on the allow list', 'screen.allowAddresses');
  return {
    id: 'address',
    phase: 'screen',
    onError: 'deny',
    evaluate({ request }) {
      const address = parseAddress(request.clientAddress);
      // An address that cannot be judged is on no allow list, and might be on the deny list.
      if (address === undefined) return notAllowed;
      if (lists.deny.some((range) => rangeContains(range, address))) return denied;
      const isAllowed = lists.allow.length === 0 || lists.allow.some((range) => rangeContains(range, address));
      return isAllowed ? PASS : notAllowed;
    },
  };
}
