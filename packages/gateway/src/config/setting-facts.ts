import { readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import type { LoadedConfig } from './parse-config.ts';
import { toGatewayConfig } from './to-gateway-config.ts';
import type { SettingFacts } from './weak-finding.ts';

const STRAY = /^\.env(\..+)?$|^\.env[-_~].*|^(secrets?|credentials)\.(json|ya?ml|env|txt)(\.(bak|old|backup))?$/i;
const HARMLESS = /\.(example|sample|template|dist)$/i;

/** Looks at the surroundings of a configuration: stray secret files in its folder, modes of its key files. */
export function gatherFacts(
  loaded: LoadedConfig,
  surroundings: { readonly dataDir: string | undefined; readonly environment: SettingFacts['environment'] },
): SettingFacts {
  const { tls } = toGatewayConfig(loaded);
  const keyFiles = tls?.kind === 'files' ? [tls.keyFile] : [];
  const { dataDir, environment } = surroundings;
  return {
    dataDir: dataDir === undefined ? undefined : resolve(dataDir),
    environment,
    strayFiles: strayFilesIn(dirname(resolve(loaded.file))),
    secretFiles: keyFiles.flatMap((path) => {
      const facts = statSync(path, { throwIfNoEntry: false });
      return facts === undefined ? [] : [{ path, mode: facts.mode & 0o777 }];
    }),
  };
}

/** Files in `folder` whose names say that they hold secrets. A folder that cannot be listed has none to report. */
export function strayFilesIn(folder: string): readonly string[] {
  return namesIn(folder)
    .filter((name) => STRAY.test(name) && !HARMLESS.test(name))
    .toSorted()
    .map((name) => join(folder, name));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause) return [];
    throw cause;
  }
}
