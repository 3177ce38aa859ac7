import './strict-policy.ts';
import './style.css';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { isSignedOut } from './is-signed-out.ts';
import { goToLogIn } from './log-in.ts';
import { retryDelayMs, shouldRetry } from './retry.ts';

function onError(error: unknown): void {
  if (isSignedOut(error)) goToLogIn();
}

const client = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: { queries: { retry: shouldRetry, retryDelay: retryDelayMs, staleTime: 5_000 } },
});

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root element');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
