import { runPosture } from '../operator/posture.ts';
import type { CliCommand } from './command.ts';
import { operatorCommand } from './operator-command.ts';
import type { Tone } from './output.ts';

type State = 'proven' | 'failing' | 'stale' | 'planned';

const TONES: Readonly<Record<State, Tone>> = { proven: 'green', failing: 'red', stale: 'yellow', planned: 'dim' };

/** `steadygate posture` */
export const POSTURE_COMMAND: CliCommand = operatorCommand({
  name: 'posture',
  summary: 'Prove every claim now, in the running server',
  operator: runPosture,
  options: {},
  notes: ['Exit code 1 when a claim is failing.'],
  examples: ['posture', 'posture --json'],
  input: () => ({}),
  isBad: ({ controls }) => controls.some(({ state }) => state === 'failing'),
  print({ controls, build, vantage }, { out }) {
    const width = Math.max(...controls.map(({ id }) => id.length), 0);
    for (const { id, state, claim, detail } of controls) {
      out.line(`${out.tone(TONES[state], state.padEnd(7))}  ${id.padEnd(width)}  ${out.plain(claim)}`);
      if (detail !== '') out.line(out.tone('dim', `${' '.repeat(width + 11)}${out.plain(detail)}`));
    }
    const count = (wanted: State): number => controls.filter(({ state }) => state === wanted).length;
    out.line();
    out.line(
      `${count('proven')} proven, ${count('failing')} failing, ${count('stale')} stale, ${count('planned')} planned (${build}, seen from ${vantage})`,
    );
  },
});
