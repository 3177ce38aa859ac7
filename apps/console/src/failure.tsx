import { Button } from './button.tsx';
import { CallError } from './client.ts';

/** Says what went wrong, with the request's id for `steadygate explain`, and offers to try again. */
export function Failure({ error, onRetry }: { readonly error: Error; readonly onRetry?: () => void }) {
  const requestId = error instanceof CallError ? error.requestId : undefined;
  return (
    <div role="alert" className="m-5 mt-0 rounded-lg border border-line bg-danger-ground px-4 py-3 text-sm text-danger">
      <p>{error.message}</p>
      {requestId !== undefined && (
        <p className="mt-1 text-xs break-all">
          Request <code>{requestId}</code>
        </p>
      )}
      {onRetry !== undefined && (
        <div className="mt-3">
          <Button onPress={onRetry}>Try again</Button>
        </div>
      )}
    </div>
  );
}
