import { actIn, type Gate } from '../compose.ts';
import type { StartOptions } from '../cli/deps.ts';
import { firstInvite, writeFirstInvite } from './first-invite.ts';
import type { StartOutput } from './output.ts';

export interface Announcement {
  readonly gate: Gate;
  readonly options: StartOptions;
  readonly output: StartOutput;
  readonly isTty: boolean;
  readonly url: string;
}

/** Says where the gate is; lets the first administrator in. The invite is shown only to a terminal or in development (T17). */
export async function announce({ gate, options, output, isTty, url }: Announcement): Promise<void> {
  const { environment, invites } = gate.runtime.config;
  const { store, desk } = gate;
  const issued = await firstInvite({
    store,
    desk,
    actIn,
    inviteState: gate.inviteState,
    nowMs: gate.clock.nowMs(),
    lifeMs: invites.lifeMs,
    hasOthers: async () => (await gate.others()).length > 0,
  });
  const isShown = environment === 'development' || (isTty && !options.isJson);
  const isWritten = issued !== undefined && !isShown;
  const origin = gate.runtime.publicOrigin();
  output.ready({
    url,
    publicUrl: new URL(origin).href,
    console: gate.runtime.consoleUrl(url),
    invite: isShown ? (issued?.code ?? null) : null,
    inviteLink: isShown && issued !== undefined ? `${origin}/auth/login#invite=${issued.link}` : null,
    inviteFile: isWritten ? writeFirstInvite(options.dataDir, issued) : null,
    isDemo: options.source.kind === 'demo',
    environment,
    dataDir: options.dataDir,
  });
}
