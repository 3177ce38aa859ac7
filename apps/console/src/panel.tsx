import { type ReactNode, useId } from 'react';

/** A titled part of a page. */
export function Panel(props: { readonly title: string; readonly note?: string; readonly children: ReactNode }) {
  const titleId = useId();
  return (
    <section aria-labelledby={titleId} className="overflow-hidden rounded-2xl border border-line bg-surface shadow-sm">
      <header className="px-5 pt-4 pb-3">
        <h2 id={titleId} className="text-lg font-semibold">
          {props.title}
        </h2>
        {props.note !== undefined && <p className="text-sm text-dim">{props.note}</p>}
      </header>
      {props.children}
    </section>
  );
}
