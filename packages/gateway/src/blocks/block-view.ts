import type { BlockView } from '@steadygate/contract';
import type { z } from 'zod';
import type { StoredBlock } from '../store/blocks.ts';

/** A block as the control API and the command line show it. */
export function blockView(block: StoredBlock): z.infer<typeof BlockView> {
  const { id, subject, tenantId, cause, requestId, madeBy, level, createdAtMs, untilMs } = block;
  return {
    id,
    kind: subject.kind,
    subject: subject.kind === 'address' ? subject.address : subject.id,
    tenant: tenantId,
    cause,
    requestId: requestId ?? null,
    madeBy,
    level,
    createdAt: createdAtMs,
    until: untilMs,
  };
}
