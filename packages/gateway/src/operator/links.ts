/** The address that a one-time secret opens. It stands in the fragment, which browsers send to no server and no log. */
export function linkTo(publicUrl: string, secret: string): string {
  return `${publicUrl.replace(/\/+$/, '')}/auth/login#invite=${secret}`;
}
