import { foldPath } from '../canonical/path.ts';
import type { FindingFacts } from '../finding.ts';
import { deny, type DenyVerdict, type Guard, PASS } from '../guard.ts';
import { maskEvidence } from '../mask.ts';

// Version control, editors' and operators' leftovers, keys: what deployments leave in reach by accident.
const NAMES =
  String.raw`\.git[^/]*|\.svn|\.hg|\.bzr|cvs|\.env[^/]*|\.ds_store|\.ht(?:passwd|access)|\.aws|\.ssh|\.npmrc|\.pgpass` +
  String.raw`|\.docker|\.kube|wp-config\.php[^/]*|id_(?:rsa|dsa|ecdsa|ed25519)`;
const ENDINGS = String.raw`~|\.(?:bak|backup|old|orig|save|swp|swo|sql|sql\.gz|sqlite3?|dump|pem|key|p12|pfx|jks|kdbx)`;
const SENSITIVE = new RegExp(`/(?:(?:${NAMES})|[^/]*?(?:${ENDINGS}))(?=/|$)`);

/**
 * Whether a canonical path has, in any spelling, a segment that is never served: returns that segment.
 *
 * `.well-known` is none of them.
 */
export function sensitiveSegment(path: string): string | undefined {
  return SENSITIVE.exec(foldPath(path))?.[0].slice(1);
}

/**
 * Refuses paths that give away what a deployment left lying about, whatever route they match (SB14).
 *
 * `configured` holds names for one segment (`*.log`, where `*` is any text) and paths that start with `/` and cover all below.
 */
export function sensitivePathGuard(configured: readonly string[]): Guard {
  const rules = configured.map((text, at) => ({
    pattern: configuredPattern(text),
    config: `screen.sensitivePaths[${at}]`,
  }));
  return {
    id: 'sensitive-path',
    phase: 'screen',
    onError: 'deny',
    evaluate({ request }) {
      const folded = foldPath(request.path);
      const builtIn = SENSITIVE.exec(folded);
      if (builtIn !== null) {
        return refused({ rule: 'sensitive name', field: 'path', evidence: maskEvidence(builtIn[0]) });
      }
      const hit = rules.find(({ pattern }) => pattern.test(folded));
      if (hit === undefined) return PASS;
      const evidence = maskEvidence(folded);
      return refused({ rule: 'sensitive path', field: 'path', evidence, config: hit.config });
    },
  };
}

function refused(finding: FindingFacts): DenyVerdict {
  return { ...deny('path-refused', finding), violation: 'sensitive-path' };
}

function configuredPattern(text: string): RegExp {
  if (text.startsWith('/')) return new RegExp(`^${escaped(foldPath(text.replace(/\/\*\*$/, '')))}(?=/|$)`);
  return new RegExp(`/${text.toLowerCase().split(/\*+/).map(escaped).join('[^/]*')}(?=/|$)`);
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
