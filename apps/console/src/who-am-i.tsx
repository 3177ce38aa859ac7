import type { ReactNode } from 'react';
import { Panel } from './panel.tsx';
import type { Session } from './queries.ts';
import { RelativeTime } from './relative-time.tsx';

/** Who is signed in, and what they may do. */
export function WhoAmI({ session }: { readonly session: Session }) {
  const facts: readonly { title: string; value: ReactNode; place?: string }[] = [
    { title: 'User', value: session.user.name ?? <span className="text-dim">No name</span> },
    { title: 'Role', value: session.role },
    { title: 'Tenant', value: session.tenant },
    { title: 'Session ends', value: <RelativeTime at={session.expiresAt} /> },
    { title: 'User id', value: <code className="text-sm">{session.user.id}</code>, place: 'max-sm:col-span-full' },
    { title: 'Permissions', value: <Permissions permissions={session.permissions} />, place: 'col-span-full' },
  ];
  return (
    <Panel title="Who am I">
      <dl className="grid gap-x-6 gap-y-4 px-5 pb-5 grid-cols-2 sm:grid-cols-3">
        {facts.map(({ title, value, place = '' }) => (
          <div key={title} className={place}>
            <dt className="text-sm text-dim">{title}</dt>
            <dd className="mt-0.5 wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function Permissions({ permissions }: { readonly permissions: readonly string[] }) {
  if (permissions.length === 0) return <span className="text-dim">Only your own sessions</span>;
  return (
    <ul className="flex flex-wrap gap-1.5 pt-1">
      {permissions.map((permission) => (
        <li key={permission} className="rounded-md border border-line bg-raised px-2 py-0.5 text-sm">
          <code>{permission}</code>
        </li>
      ))}
    </ul>
  );
}
