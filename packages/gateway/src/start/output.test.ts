import { describe, expect, test } from 'vitest';
import { jsonOutput, type Ready, textOutput } from './output.ts';

const READY: Ready = {
  url: 'http://127.0.0.1:8080/',
  publicUrl: 'http://127.0.0.1:8080/',
  console: 'http://127.0.0.1:8080/console/',
  invite: null,
  inviteLink: null,
  inviteFile: null,
  isDemo: false,
  environment: 'production',
  dataDir: '/var/lib/steadygate',
};

function printed(output: typeof textOutput | typeof jsonOutput, ready: Partial<Ready>): string {
  let text = '';
  const sink = { write: (part: string) => (text += part) };
  output(sink, sink, '1.2.3').ready({ ...READY, ...ready });
  return text;
}

describe('a server that is ready', () => {
  test('says how people reach it, and where it listens when that differs', () => {
    const text = printed(textOutput, { publicUrl: 'https://app.example.com/' });
    expect(text).toContain('Application  https://app.example.com/\n');
    expect(text).toContain('Listens on   http://127.0.0.1:8080/\n');
    expect(text).toContain('Console      https://app.example.com/console/\n');
    expect(printed(textOutput, {})).not.toContain('Listens on');
  });

  test('says where a console with a listener of its own is', () => {
    const text = printed(textOutput, {
      publicUrl: 'https://app.example.com/',
      console: 'https://admin.example.com/console/',
    });
    expect(text).toContain('Console      https://admin.example.com/console/\n');
  });

  test.each<[string, Partial<Ready>, string]>([
    ['shows the first invite', { invite: 'SB-ADMIN-AAAABBBB' }, 'SB-ADMIN-AAAABBBB   (administrator, one use)'],
    ['says where the first invite was written', { inviteFile: '/data/first-invite' }, 'written to /data/first-invite'],
    ['says how another invite is made once somebody is in', {}, 'steadygate invite create --role admin'],
  ])('%s', (_name, ready, shown) => {
    const text = printed(textOutput, ready);
    expect(text).toContain(`Invite       ${shown}`);
    expect(text.match(/Invite /g)).toHaveLength(1);
  });

  test('says it to programs as one line of JSON with four fields', () => {
    expect(printed(jsonOutput, {})).toBe(
      `${JSON.stringify({ event: 'ready', url: READY.url, console: READY.console, invite: null })}\n`,
    );
  });
});
