import type { BenchRequest, Chance } from '../waf-requests.ts';
import { COOKIES } from './queries.ts';

const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/490.0]',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'Dalvik/2.1.0 (Linux; U; Android 14; SM-S918B Build/UP1A.231005.007)',
  'MyApp/5.2 (com.example.app; build:412; iOS 18.1.0) Alamofire/5.9',
  'node-fetch/1.0 (+https://github.com/bitinn/node-fetch)',
  'Apache-HttpClient/5.3 (Java/21.0.5)',
  'Anthropic/Python 0.39.0',
  'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
  'Prometheus/2.55.0',
  'kube-probe/1.31',
  'Datadog/Synthetics',
  'Wget/1.21.4',
  'Ruby',
  "Jane's App/1.0 (O'Reilly; test)",
];
/** Pages that lead to others. */
export const REFERERS = [
  'https://www.google.com/',
  'https://example.com/search?q=select%20a%20union%20rep&page=2',
  'http://localhost:5173/app?tab=a&x[]=1',
  'https://l.facebook.com/l.php?u=https%3A%2F%2Fshop.example.com%2F%3Ffbclid%3DIwAR0&h=AT0',
  'https://app.example.com/#/users/1?edit=true',
  'android-app://com.google.android.gm/',
];

function headers(pick: Chance, more: Record<string, string> = {}): Record<string, string> {
  return {
    'user-agent': pick.of(AGENTS),
    referer: pick.of(REFERERS),
    cookie: pick.of(COOKIES),
    'accept-language': pick.of(['de-DE,de;q=0.9,en;q=0.8', 'en', 'zh-CN,zh;q=0.9', '*']),
    'sec-ch-ua': '"Chromium";v="131", "Not_A Brand";v="24"',
    traceparent: `00-${pick.hex(32)}-${pick.hex(16)}-01`,
    baggage: 'userId=alice,serverNode=DF%2028,isProduction=false',
    ...more,
  };
}

/** A request of a browser or program, with header fields and cookies as they have them. */
export function get(path: string, pick: Chance): BenchRequest {
  return { method: 'GET', path, headers: headers(pick), body: '' };
}

/** One with a body. */
export function post(path: string, type: string, body: string, pick: Chance): BenchRequest {
  return { method: 'POST', path, headers: headers(pick, { 'content-type': type }), body };
}

/** One with a document. */
export function json(path: string, value: unknown, pick: Chance): BenchRequest {
  return post(path, 'application/json', JSON.stringify(value), pick);
}
