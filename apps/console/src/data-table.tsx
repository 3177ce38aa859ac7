import type { ReactNode } from 'react';

/** One column as data: what its head says and what a cell shows of a row. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  /** Left out where the screen is narrow. */
  readonly isExtra?: boolean;
  /** The title is for screen readers only: the cells speak for themselves. */
  readonly isTitleHidden?: boolean;
}

/** A table of rows, or a sentence that says what to do when there are none. */
export function DataTable<Row extends { readonly id: string }>(props: {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly empty: string;
}) {
  const { caption, columns, rows, empty } = props;
  if (rows.length === 0) return <p className="px-5 pb-5 text-dim">{empty}</p>;
  return (
    <table className="w-full text-left text-sm">
      <caption className="sr-only">{caption}</caption>
      <thead>
        <tr className="border-b border-line text-dim">
          {columns.map((column) => (
            <th key={column.title} scope="col" className={`py-2 font-medium ${placeOf(column)}`}>
              <span className={column.isTitleHidden ? 'sr-only' : ''}>{column.title}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {rows.map((row) => (
          <tr key={row.id}>
            {columns.map((column) => (
              <td key={column.title} className={`py-3 ${placeOf(column)}`}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function placeOf({ isExtra }: { readonly isExtra?: boolean }): string {
  return `px-2 first:pl-5 last:pr-5 last:text-right ${isExtra ? 'max-sm:hidden' : ''}`;
}
