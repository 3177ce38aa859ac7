import type { ReactNode } from 'react';

/** The console's head: its name, and on the right what `children` offer. */
export function TopBar({ children }: { readonly children?: ReactNode }) {
  return (
    <header className="border-b border-line bg-surface">
      <div className="mx-auto flex min-h-14 max-w-4xl flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2.5 sm:px-6">
        <div className="mr-auto flex items-center gap-2.5 font-semibold">
          <svg viewBox="0 0 24 24" className="size-7" aria-hidden="true">
            <rect width="24" height="24" rx="6" className="fill-accent" />
            <path
              d="M6.5 18v-6.5a5.5 5.5 0 0 1 11 0V18M12 18v-7"
              className="fill-none stroke-on-accent stroke-2"
              strokeLinecap="round"
            />
          </svg>
          Steadygate
        </div>
        {children}
      </div>
    </header>
  );
}
