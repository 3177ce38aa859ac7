import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { urlsIn } from './urls.ts';

const count = (text: string): number => urlsIn(text, Infinity).length;

describe('WK3: web addresses are counted however they are written', () => {
  it.each([
    ['with a scheme', 'see https://example.com/path?q=1#x now'],
    ['any scheme', 'ssh://git@host or nothing'],
    ['a user before the host', 'https://user:pw@evil.com/x'],
    ['an address of IPv4', 'http://1.2.3.4'],
    ['an address of IPv6', 'http://[::1]:8080/'],
    ['a name without dots', 'http://localhost:8080/a'],
    ['fewer slashes, as browsers take them', 'see http:evil.com and https:/'],
    ['the other slashes', 'http:\\\\evil.com\\x'],
    ['no scheme', 'see example.com now'],
    ['no scheme but a path', 'bit.ly/abc'],
    ['slashes alone', '//evil.com/x'],
    ['a port', 'evil.com:8080'],
    ['IPv4 with a path', '1.2.3.4/x'],
    ['IPv4 with a port', '10.0.0.1:8080'],
    ['www and an unknown ending', 'www.foo.barbaz'],
    ['in capitals', 'EVIL.COM'],
    ['before the next sentence', 'visit evil.com.Then go'],
    ['after an ellipsis', 'wait...evil.com'],
    ['another script', 'зайди на пример.рф сейчас'],
    ['Punycode', 'xn--80ak6aa92e.xn--p1ai'],
    ['between words of a script without blanks', '日本語example.com日本語'],
    ['an ideographic full stop', 'evil。com'],
    ['full-width letters', 'ｅｖｉｌ．ｃｏｍ'],
    ['mathematical letters', '𝐞𝐯𝐢𝐥.𝐜𝐨𝐦'],
    ['an invisible character inside', 'ev\u200bil.c\u00adom'],
    ['hxxp', 'hxxps://evil.example/x'],
    ['h**p', 'h**p://evil.com'],
    ['a dot in brackets', 'evil[.]com'],
    ['half a bracket', 'evil[.com'],
    ['a dot in words', 'evil (dot) com'],
    ['a dot between words', 'evil dot com'],
    ['a dot with blanks', 'example . com'],
    ['an escaped dot', 'evil\\.com'],
    ['a colon in brackets', 'hxxp[:]//evil[.]com'],
    ['colon and slashes in brackets', 'http[://]evil.com'],
    ['after something else', 'foo/evil.com'],
    ['after a sign', '-evil.com'],
    ['an ending of files with a path', 'curl evil.sh/install'],
    ['an ending of files with www', 'www.evil.sh'],
    ['mail with a path', 'x@evil.com/login'],
    ['of a query', '?url=evil.com'],
    ['in mark-up', '<a href="https://a.com">x</a>'],
    ['with mark-up of its own', '[click](https://a.com/b_c)'],
  ])('%s', (_, text) => {
    expect(count(text)).toBe(1);
  });

  it.each([
    ['blanks', 'a.com b.com c.com d.com e.com f.com'],
    ['commas', 'a.com,b.com,c.com,d.com,e.com,f.com'],
    ['nothing but schemes', 'http://a.comhttp://b.com,http://c.com;http://d.com|http://e.com\nhttp://f.com'],
    ['signs', 'a.com&b.com*c.com+d.com_e.com•f.com'],
    ['pictures', 'a.com🙂b.com🙂c.com🙂d.com🙂e.com🙂f.com'],
  ])('six between %s', (_, text) => {
    expect(count(text)).toBe(6);
  });

  it('one within another counts where it has a scheme', () => {
    expect(count('https://web.archive.org/web/2020/http://example.com/')).toBe(2);
    expect(count('https://a.com/b.com?c=d.com')).toBe(1);
  });
});

describe('what is no web address is not counted', () => {
  it.each([
    ['mail', 'user@example.com, @user and a@b.co'],
    ['numbers, dates and times', 'The price is 3.50 and 1.234,56 on 22.11.2024 at 10:30'],
    ['clocks', 'at 5.am'],
    ['abbreviations', 'e.g. this, i.e. that, a.k.a., p.m., Ph.D.'],
    ['sentences without blanks', 'It ends here.In this one it goes on. Results.It'],
    ['names of files', 'README.md, main.rs, ../lib/x.so, App.java and archive.zip'],
    ['a path of files', 'docs/README.md/'],
    ['calls of methods', 'obj.method(), console.info("x") and user.name('],
    ['unknown endings', 'node.js and foo.barbaz'],
    ['versions and networks', 'v1.2.3, 10.0.0.1 and 10.0.0.0/8'],
    ['paths and scopes', 'C:\\Users\\x, C:// and std::string'],
    ['a scheme alone', 'http:// and https is safe: use it'],
    ['a dot in a sentence', 'connect the dot in the middle'],
    ['dots alone', '... . .. .'],
    ['nothing', ''],
  ])('%s', (_, text) => {
    expect(urlsIn(text, Infinity)).toEqual([]);
  });
});

describe('counting', () => {
  it('stops after one too many, and shows what it saw', () => {
    expect(urlsIn('a.com b.com c.com d.com', 2)).toEqual(['a.com', 'b.com', 'c.com']);
  });

  it('never throws, and appending a text never makes it fewer', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (left, right) => {
        expect(count(`${left} \n ${right}`)).toBeGreaterThanOrEqual(count(right));
      }),
    );
  });
});
