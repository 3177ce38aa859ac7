import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress, parseRange } from './address.ts';
import { clientAddress, type ClientAddress } from './client-address.ts';

const PROXIES = ['10.0.0.0/8', '2001:db8:aaaa::/48'];

function seen(peer: string, headers: readonly string[], trusted: readonly string[] = PROXIES): ClientAddress {
  const address = parseAddress(peer);
  if (address === undefined) throw new Error(`no address: ${peer}`);
  return clientAddress(
    address,
    headers,
    trusted.map((text) => parseRange(text)).filter((range) => range !== undefined),
  );
}

const forwardedFor = (...values: string[]): string[] => values.flatMap((value) => ['x-forwarded-for', value]);
const forwarded = (...values: string[]): string[] => values.flatMap((value) => ['forwarded', value]);

describe('a peer that is no trusted proxy', () => {
  it.each([
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-forwarded-anything',
    'x_forwarded_for',
    'forwarded',
    'x-real-ip',
    'X-Real-IP',
    'true-client-ip',
    'cf-connecting-ip',
    'x-client-ip',
    'x-cluster-client-ip',
    'fastly-client-ip',
    'http_x_forwarded_for',
    'x-original-forwarded-for',
    'forwarded-for',
    'x.real.ip',
  ])('is itself the caller whatever it says, and %s is reported as forged', (name) => {
    expect(seen('203.0.113.9', [name, '127.0.0.1'])).toEqual({ address: '203.0.113.9', forged: true });
  });

  it('is believed in nothing by default, loopback included', () => {
    const headers = [...forwardedFor('1.2.3.4'), 'x-forwarded-proto', 'https'];
    expect(seen('127.0.0.1', headers, [])).toEqual({ address: '127.0.0.1', forged: true });
  });

  it('forges nothing with other fields', () => {
    expect(seen('::ffff:203.0.113.9', ['x-other', '1.2.3.4', 'via', '1.1 x'])).toEqual({
      address: '203.0.113.9',
      forged: false,
    });
  });
});

describe('a trusted proxy', () => {
  it.each([
    ['nothing said', [], '10.0.0.1'],
    ['one hop', forwardedFor('198.51.100.7'), '198.51.100.7'],
    ['what the client put before is not believed', forwardedFor('127.0.0.1, 198.51.100.7'), '198.51.100.7'],
    ['a second field put before is not believed', forwardedFor('127.0.0.1', '198.51.100.7'), '198.51.100.7'],
    ['trusted hops are passed', forwardedFor('1.1.1.1, 198.51.100.7, 10.2.2.2,10.3.3.3'), '198.51.100.7'],
    ['all trusted: the first', forwardedFor('10.9.9.9, 10.2.2.2'), '10.9.9.9'],
    ['a malformed last entry: the proxy', forwardedFor('198.51.100.7, unknown'), '10.0.0.1'],
    ['a malformed entry behind a trusted hop', forwardedFor('198.51.100.7, 0177.0.0.1, 10.2.2.2'), '10.2.2.2'],
    ['an empty entry', forwardedFor('198.51.100.7, , 10.2.2.2'), '10.2.2.2'],
    ['an empty field', forwardedFor(''), '10.0.0.1'],
    ['a port', forwardedFor('198.51.100.7:4711'), '198.51.100.7'],
    ['IPv6', forwardedFor('2001:DB8::0:7'), '2001:db8::7'],
    ['IPv6 with brackets and port', forwardedFor('[2001:db8::7]:4711'), '2001:db8::7'],
    ['mapped IPv6', forwardedFor('::ffff:198.51.100.7'), '198.51.100.7'],
    ['brackets around IPv4', forwardedFor('[198.51.100.7]'), '10.0.0.1'],
    ['a zone id', forwardedFor('fe80::1%eth0'), '10.0.0.1'],
    ['a name', forwardedFor('localhost'), '10.0.0.1'],
  ])('%s', (_, headers, address) => {
    expect(seen('10.0.0.1', headers)).toEqual({ address, forged: false });
  });

  it.each([
    [forwarded('for=198.51.100.7'), '198.51.100.7'],
    [forwarded('For="[2001:db8::7]:4711";Proto=https;by=10.0.0.1'), '2001:db8::7', 'https'],
    [forwarded('for=127.0.0.1, for=198.51.100.7;proto=http, for=10.2.2.2;proto=https'), '198.51.100.7', 'http'],
    [forwarded('for="evil', 'for=198.51.100.7'), '198.51.100.7'],
    [forwarded('for=127.0.0.1;x=", for=198.51.100.7'), '198.51.100.7'],
    [forwarded('for=unknown'), '10.0.0.1'],
    [forwarded('for=_hidden, for=10.2.2.2'), '10.2.2.2'],
    [forwarded('for=198.51.100.7;for=127.0.0.1'), '10.0.0.1'],
    [forwarded('proto=https'), '10.0.0.1'],
    [forwarded('for = 198.51.100.7'), '10.0.0.1'],
    [forwarded(String.raw`for="198.51.100\.7"`), '10.0.0.1'],
    [forwarded('198.51.100.7'), '10.0.0.1'],
    [forwarded('for='), '10.0.0.1'],
    [forwarded('for=""'), '10.0.0.1'],
    [forwarded('for=198.51.100.7;proto=gopher'), '198.51.100.7'],
  ])('Forwarded %j names %s', (headers, address, scheme?: string) => {
    expect(seen('10.0.0.1', headers)).toEqual({ address, forged: false, ...(scheme === undefined ? {} : { scheme }) });
  });

  it('is read from X-Forwarded-For alone when both are there, because proxies pass a client’s Forwarded through', () => {
    const headers = [...forwarded('for=127.0.0.1;proto=https'), ...forwardedFor('198.51.100.7')];
    expect(seen('10.0.0.1', headers)).toEqual({ address: '198.51.100.7', forged: false });
  });

  it.each([
    [['https'], 'https'],
    [['HTTP'], 'http'],
    [['https, http'], 'http'],
    [['https', 'http'], 'http'],
    [['ftp'], undefined],
    [[''], undefined],
  ])('says the scheme in X-Forwarded-Proto %j: %s', (values, scheme) => {
    const headers = [...forwardedFor('198.51.100.7'), ...values.flatMap((value) => ['x-forwarded-proto', value])];
    expect(seen('2001:db8:aaaa::1', headers).scheme).toBe(scheme);
  });
});

it('T13: nothing that a client puts before what the proxy appends changes the result', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({
      unit: fc.constantFrom('f', 'o', 'r', '=', ';', ',', '"', '\\', ' ', '1', '0', '.', '2', '[', ']', ':'),
      maxLength: 40,
    }),
  );
  fc.assert(
    fc.property(hostile, fc.boolean(), (text, apart) => {
      const appended = apart ? [text, '198.51.100.7'] : [`${text}, 198.51.100.7`];
      expect(seen('10.0.0.1', forwardedFor(...appended)).address).toBe('198.51.100.7');
      const elements = apart ? [text, 'for=198.51.100.7'] : [`${text}, for=198.51.100.7`];
      expect(seen('10.0.0.1', forwarded(...elements)).address).toBe('198.51.100.7');
    }),
  );
});
