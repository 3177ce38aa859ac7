import type { CompiledGroup, CompiledRoute } from './route-matcher.ts';

/** One route as `check --table` prints it. */
export interface TableRow {
  /** `*` for every method that may be forwarded. */
  readonly methods: string;
  readonly path: string;
  /** `session`, `any`, `public` or `deny`. */
  readonly access: string;
  /** `chats:read` where reading and writing need the same, else `chats:read / chats:write`; `-` for none. */
  readonly permission: string;
  /** Ids in the order in which the guards run. */
  readonly guards: readonly string[];
  /** `-` for the gate's own routes and denied ones. */
  readonly upstream: string;
  readonly config: string;
  /** `isolated` where ownership decides about objects, else `-`. */
  readonly ownership: string;
}

/** The routes in matching order. */
export function tableRows(groups: readonly CompiledGroup[]): readonly TableRow[] {
  return groups.flatMap(({ routes }) => routes.map(toRow));
}

function toRow({ policy, match, isolatedUpstream }: CompiledRoute): TableRow {
  return {
    methods: policy.methods?.join(', ') ?? '*',
    path: policy.path,
    access: policy.deny ? 'deny' : policy.access,
    permission: policy.deny ? '-' : permissionText(policy.permission),
    guards: match.route.guards.map(({ id }) => id),
    upstream: policy.deny ? '-' : (policy.upstream ?? '-'),
    config: policy.config,
    ownership: policy.deny || isolatedUpstream === undefined ? '-' : 'isolated',
  };
}

function permissionText(permission: { read: string; write: string } | undefined): string {
  if (permission === undefined) return '-';
  return permission.read === permission.write ? permission.read : `${permission.read} / ${permission.write}`;
}
