import { join } from 'node:path';
import { OperatorRefusal } from './refusal.ts';

/** What `sun_path` holds on every platform that Node runs on, with some room: longer paths are cut or refused by the kernel. */
const SOCKET_PATH_BYTES_MAX = 100;

/** The control socket of a data directory. @throws OperatorRefusal `socket-unusable` when its path is too long for a socket */
export function socketPath(dataDir: string): string {
  const path = join(dataDir, 'control.sock');
  const bytes = Buffer.byteLength(path);
  if (bytes <= SOCKET_PATH_BYTES_MAX) return path;
  throw new OperatorRefusal(
    'socket-unusable',
    `The path of the control socket has ${bytes} bytes, ${SOCKET_PATH_BYTES_MAX} are possible: ${path}. ` +
      'Choose a data directory with a shorter path (--data).',
  );
}
