import { getSession, listOwnSessions, logout, type ReplyOf, revokeOwnSession } from '@steadygate/contract';
import { infiniteQueryOptions, mutationOptions, type QueryClient, queryOptions } from '@tanstack/react-query';
import { call } from './client.ts';

/** Who is signed in. */
export type Session = ReplyOf<typeof getSession>;
/** One live session of the person. */
export type OwnSession = ReplyOf<typeof listOwnSessions>['sessions'][number];

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: () => call(getSession),
});

export const ownSessionsQuery = infiniteQueryOptions({
  queryKey: ['own-sessions'],
  initialPageParam: undefined as string | undefined,
  queryFn: ({ pageParam }) => call(listOwnSessions, pageParam === undefined ? {} : { query: { cursor: pageParam } }),
  getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  select: ({ pages }) => pages.flatMap(({ sessions }) => sessions),
});

/** Ends one of the person's sessions; the list is read again whatever came of it. */
export function revokeSessionMutation(client: QueryClient, csrfToken: string) {
  return mutationOptions({
    mutationFn: (id: string) => call(revokeOwnSession, { params: { id }, csrfToken }),
    onSettled: () => client.invalidateQueries({ queryKey: ownSessionsQuery.queryKey }),
  });
}

/** Ends this session. */
export function logOutMutation(csrfToken: string) {
  return mutationOptions({ mutationFn: () => call(logout, { csrfToken }) });
}
