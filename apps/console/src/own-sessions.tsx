import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Button } from './button.tsx';
import { type Column, DataTable } from './data-table.tsx';
import { Failure } from './failure.tsx';
import { Panel } from './panel.tsx';
import { type OwnSession, ownSessionsQuery, revokeSessionMutation } from './queries.ts';
import { RelativeTime } from './relative-time.tsx';

const ID_CHARACTERS = 8;

/** The person's live sessions, with a way to end each but this one. */
export function OwnSessions({ csrfToken }: { readonly csrfToken: string }) {
  const sessions = useInfiniteQuery(ownSessionsQuery);
  const revoke = useMutation(revokeSessionMutation(useQueryClient(), csrfToken));
  const columns = columnsWith({
    revoke: (id) => revoke.mutate(id),
    revokingId: revoke.isPending ? revoke.variables : undefined,
  });
  return (
    <Panel title="My sessions" note="End what you do not recognise: it stops at once, open connections included.">
      <output className="sr-only">{revoke.isSuccess ? 'The session has ended.' : ''}</output>
      {revoke.error !== null && <Failure error={revoke.error} />}
      {sessions.error !== null && <Failure error={sessions.error} onRetry={() => void sessions.refetch()} />}
      {sessions.isPending && <p className="px-5 pb-5 text-dim">Loading</p>}
      {sessions.data !== undefined && (
        <DataTable caption="My live sessions" columns={columns} rows={sessions.data} empty="No live sessions." />
      )}
      {sessions.hasNextPage && (
        <div className="border-t border-line px-5 py-3">
          <Button isBusy={sessions.isFetchingNextPage} onPress={() => void sessions.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </Panel>
  );
}

function columnsWith(actions: {
  readonly revoke: (id: string) => void;
  readonly revokingId: string | undefined;
}): readonly Column<OwnSession>[] {
  return [
    { title: 'Session', cell: ({ id }) => <code title={id}>{id.slice(0, ID_CHARACTERS)}</code> },
    { title: 'Role', cell: ({ role }) => role, isExtra: true },
    { title: 'Began', cell: ({ createdAt }) => <RelativeTime at={createdAt} isPast />, isExtra: true },
    { title: 'Last seen', cell: ({ lastSeenAt }) => <RelativeTime at={lastSeenAt} isPast /> },
    { title: 'Ends', cell: ({ expiresAt }) => <RelativeTime at={expiresAt} />, isExtra: true },
    {
      title: 'Action',
      isTitleHidden: true,
      cell: ({ id, current }) =>
        current ? (
          <span className="rounded-md bg-good-ground px-2 py-1 text-good">This session</span>
        ) : (
          <Button
            kind="danger"
            label={`End session ${id.slice(0, ID_CHARACTERS)}`}
            isBusy={actions.revokingId === id}
            onPress={() => actions.revoke(id)}
          >
            End
          </Button>
        ),
    },
  ];
}
