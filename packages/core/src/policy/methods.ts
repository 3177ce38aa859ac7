/** The methods that may be forwarded. OPTIONS ends at the gate; CONNECT and TRACE are never served (T9). */
export const FORWARDED_METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Whether a method changes nothing by its definition (RFC 9110 §9.2.1). */
export function isSafeMethod(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

/** Whether a method counts as reading: the `read` permission of a route suffices. */
export function isReadMethod(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}
