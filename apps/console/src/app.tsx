import { useMutation, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Failure } from './failure.tsx';
import { isSignedOut } from './is-signed-out.ts';
import { LOG_IN_URL } from './log-in.ts';
import { OwnSessions } from './own-sessions.tsx';
import { logOutMutation, type Session, sessionQuery } from './queries.ts';
import { TopBar } from './top-bar.tsx';
import { WhoAmI } from './who-am-i.tsx';

/** The console: the page of who is signed in, or the way to log in. */
export function App() {
  const session = useQuery(sessionQuery);
  if (isSignedOut(session.error)) return <SignedOut title="You are not logged in" />;
  if (session.data !== undefined) return <SignedIn session={session.data} />;
  return (
    <Frame>
      <h1 className="text-2xl font-semibold">Console</h1>
      {session.error === null ? (
        <output className="text-dim">Loading</output>
      ) : (
        <Failure error={session.error} onRetry={() => void session.refetch()} />
      )}
    </Frame>
  );
}

function SignedIn({ session }: { readonly session: Session }) {
  const logOut = useMutation(logOutMutation(session.csrfToken));
  if (logOut.isSuccess) return <SignedOut title="You are logged out" />;
  const actions = (
    <>
      <span className="max-w-48 truncate text-sm text-dim">{session.user.name ?? session.role}</span>
      <Button isBusy={logOut.isPending} onPress={() => logOut.mutate()}>
        Log out
      </Button>
    </>
  );
  return (
    <Frame actions={actions}>
      <h1 className="text-2xl font-semibold">{session.user.name === null ? 'Hello' : `Hello, ${session.user.name}`}</h1>
      {logOut.error !== null && <Failure error={logOut.error} />}
      <WhoAmI session={session} />
      <OwnSessions csrfToken={session.csrfToken} />
    </Frame>
  );
}

function SignedOut({ title }: { readonly title: string }) {
  return (
    <Frame>
      <h1 className="text-2xl font-semibold">
        <output>{title}</output>
      </h1>
      <p>
        <a className="font-medium text-accent underline underline-offset-4" href={LOG_IN_URL}>
          Log in
        </a>{' '}
        to see who you are and which sessions you have.
      </p>
    </Frame>
  );
}

function Frame({ actions, children }: { readonly actions?: ReactNode; readonly children: ReactNode }) {
  return (
    <>
      <TopBar>{actions}</TopBar>
      <main className="mx-auto grid max-w-4xl gap-5 px-4 py-6 sm:px-6 sm:py-8">{children}</main>
    </>
  );
}
