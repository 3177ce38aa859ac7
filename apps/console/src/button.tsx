import type { ComponentProps } from 'react';

const SHAPE = 'cursor-pointer rounded-lg border px-3 py-1.5 text-sm font-medium whitespace-nowrap';
const KINDS = {
  quiet: 'border-line hover:bg-raised',
  danger: 'border-line text-danger hover:bg-danger-ground',
};

/** A button that stays in the tab order while its work is under way, so that the focus is not lost. */
export function Button(props: {
  readonly kind?: keyof typeof KINDS;
  readonly isBusy?: boolean;
  readonly label?: string;
  readonly onPress: () => void;
  readonly children: ComponentProps<'button'>['children'];
}) {
  const { kind = 'quiet', isBusy = false, label, onPress, children } = props;
  return (
    <button
      type="button"
      className={`${SHAPE} ${KINDS[kind]} ${isBusy ? 'cursor-progress opacity-60' : ''}`}
      aria-disabled={isBusy}
      aria-label={label}
      onClick={() => {
        if (!isBusy) onPress();
      }}
    >
      {children}
    </button>
  );
}
