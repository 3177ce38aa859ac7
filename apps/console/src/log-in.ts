/** Where a person logs in and comes back from. */
export const LOG_IN_URL = '/auth/login?returnTo=/console/';

/** Leaves for the log-in page; this page is not kept in the history, where it would only lead here again. */
export function goToLogIn(): void {
  location.replace(LOG_IN_URL);
}
