import type { ApiKeyView, Posture } from '@steadygate/contract';
import type { Clock } from '@steadygate/core';
import type { z } from 'zod';
import type { BlockDesk } from '../blocks/block-desk.ts';
import type { InviteDesk } from '../auth/invite-desk.ts';
import type { KeyDesk } from '../auth/key-desk.ts';
import type { Collector } from '../metrics/metric.ts';
import type { ExplanationView } from '../decisions/explanation.ts';
import type { Unconfirmed } from '../feed/confirmations.ts';
import type { SystemActor } from '../store/actor.ts';
import type { NamedApiKey } from '../store/api-key.ts';
import type { Invite } from '../store/invites.ts';
import type { Store } from '../store/store.ts';
import type { UpstreamView } from '../upstreams/view.ts';

/** What operator commands work with, in a running server or on the store alone. */
export interface OperatorDeps {
  readonly store: Pick<
    Store,
    'tenants' | 'users' | 'invites' | 'sessions' | 'apiKeys' | 'owners' | 'audit' | 'signingKeys'
  >;
  readonly desk: Pick<InviteDesk, 'issue' | 'issueLoginLink'>;
  readonly blockDesk: Pick<BlockDesk, 'make' | 'liftAny' | 'all'>;
  readonly keyDesk: Pick<KeyDesk, 'issue' | 'importKey' | 'rotate'>;
  readonly keyView: (key: NamedApiKey, nowMs: number) => z.infer<typeof ApiKeyView>;
  /** The owner of the data directory, acting in a tenant. */
  readonly actor: (tenantId: string) => SystemActor;
  readonly inviteState: (invite: Invite, nowMs: number) => 'open' | 'used' | 'expired' | 'revoked';
  /** Those that are kept, the oldest first. */
  readonly decisions: () => AsyncIterable<ExplanationView>;
  readonly findDecision: (requestId: string) => Promise<ExplanationView | undefined>;
  /** Read at each use: a reload may change them. */
  readonly settings: () => OperatorSettings;
  /** Runs every probe now; undefined without a server. */
  readonly posture: (() => Promise<z.infer<typeof Posture>>) | undefined;
  /** How upstreams do; undefined without a server. */
  readonly upstreams: (() => readonly UpstreamView[]) | undefined;
  /** Reads every metric now; undefined without a server. */
  readonly metrics: Collector | undefined;
  /** Who has not confirmed what was changed until now (T11). */
  readonly unconfirmed: Unconfirmed;
  readonly clock: Clock;
  readonly newRequestId: () => string;
  /** What an operator may read of a failure of store or keys; undefined for a bug. */
  readonly failureText: (cause: unknown) => string | undefined;
}

/** What of the configuration operator commands need. */
export interface OperatorSettings {
  readonly roles: readonly string[];
  /** How long an invite holds, and how often, where nobody says. */
  readonly inviteLifeMs: number;
  readonly inviteUses: number;
  /** Until a retired signing key's last token has ended. */
  readonly keyOverlapMs: number;
  /** Origin of the log-in page, such as `https://app.example.com`. */
  readonly publicUrl: string;
}

/** A store that was opened for one command. */
export interface OpenedStore {
  readonly deps: OperatorDeps;
  close(): Promise<void>;
}

/** The way to a store that no server uses. */
export interface OfflineStore {
  /** Whether a store was ever made in a data directory. */
  exists(dataDir: string): boolean;
  /** `in-use` when another process is its writer. */
  open(dataDir: string): Promise<OpenedStore | 'in-use'>;
}
