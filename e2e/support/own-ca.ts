import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const openssl = async (folder: string, ...args: readonly string[]): Promise<unknown> =>
  promisify(execFile)('openssl', [...args], { cwd: folder });

/** Files of one certificate; the key has mode 600. */
export interface OwnCertificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certificate authority of a test's own, in `folder`. Its certificates hold for a day. */
export interface OwnCa {
  readonly caFile: string;
  /** For 127.0.0.1 and localhost, or for other names. */
  issue(name: string, hosts?: readonly string[]): Promise<OwnCertificate>;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Makes an authority with the system's `openssl`. */
export async function ownCa(folder: string, name = 'ca'): Promise<OwnCa> {
  const caFile = join(folder, `${name}.pem`);
  const caKey = join(folder, `${name}.key`);
  await openssl(folder, 'req', '-x509', ...KEY, '-keyout', caKey, '-out', caFile, '-days', '1', '-subj', `/CN=${name}`);
  return {
    caFile,
    async issue(subject, hosts = ['IP:127.0.0.1', 'DNS:localhost']) {
      const [certFile, keyFile, request] = ['pem', 'key', 'csr'].map((kind) => join(folder, `${subject}.${kind}`));
      if (certFile === undefined || keyFile === undefined || request === undefined) throw new Error('no file names');
      const extensions = join(folder, `${subject}.ext`);
      writeFileSync(extensions, `subjectAltName=${hosts.join(',')}\n`);
      await openssl(folder, 'req', '-new', ...KEY, '-keyout', keyFile, '-out', request, '-subj', `/CN=${subject}`);
      const signer = ['-CA', caFile, '-CAkey', caKey, '-CAcreateserial'];
      const signed = ['-in', request, '-out', certFile, '-days', '1', '-extfile', extensions];
      await openssl(folder, 'x509', '-req', ...signer, ...signed);
      return { certFile, keyFile };
    },
  };
}
