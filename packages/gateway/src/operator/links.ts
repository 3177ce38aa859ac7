/*
 * Secrets stand in the fragment, which browsers send to no server and write into no log.
 */

/** The address that an invite's secret opens. */
export function inviteLink(publicUrl: string, secret: string): string {
  return `${origin(publicUrl)}/auth/login#invite=${secret}`;
}

/** The address that logs an existing user in, once. */
export function loginLink(publicUrl: string, secret: string): string {
  return `${origin(publicUrl)}/auth/login#link=${secret}`;
}

function origin(publicUrl: string): string {
  return publicUrl.replace(/\/+$/, '');
}
