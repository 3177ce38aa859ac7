import { randomBytes } from 'node:crypto';

/** What the environment decides. */
export type Settings = {
  readonly host: string;
  readonly port: number;
  readonly tokenDelayMs: number;
  readonly voiceApiKey: string;
};

/**
 * Reads the settings from the environment.
 *
 * @throws Error if a number is not a number: starting with a guess would hide the mistake.
 */
export function readSettings(env: NodeJS.ProcessEnv, isForked: boolean): Settings {
  return {
    host: env['HOST'] ?? '127.0.0.1',
    port: readInteger(env, 'PORT', { fallback: isForked ? 0 : 3000, max: 65_535 }),
    tokenDelayMs: readInteger(env, 'ASSISTANT_TOKEN_DELAY_MS', { fallback: 20, max: 60_000 }),
    voiceApiKey: env['ASSISTANT_VOICE_API_KEY'] ?? `voice_demo_${randomBytes(16).toString('hex')}`,
  };
}

type IntegerRange = { readonly fallback: number; readonly max: number };

function readInteger(env: NodeJS.ProcessEnv, name: string, { fallback, max }: IntegerRange): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;

  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= max) return value;
  throw new Error(`${name} must be a whole number from 0 to ${max}, not "${text}".`);
}
