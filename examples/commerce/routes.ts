import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, Failure, type Reply, reply } from './http.ts';
import { type Item, type Line, Shop, type Status } from './shop.ts';

type Call = {
  readonly shop: Shop;
  readonly request: IncomingMessage;
  readonly query: URLSearchParams;
  /** The last segment of the path. */
  readonly id: string;
};

type Operation = (call: Call) => Reply | Promise<Reply>;
type NewOrder = { readonly lines: readonly Line[]; readonly note?: string };
type OrderChange = { readonly status?: Status; readonly note?: string };

const OPERATIONS: Readonly<Record<string, Operation>> = {
  'GET /orders': ({ shop, query }) => {
    return { body: { orders: shop.orders(query.get('status'), Number(query.get('limit') ?? 50)) } };
  },
  'POST /orders': async ({ shop, request }) => {
    const { lines, note = null } = await bodyOf<NewOrder>(request);
    return { status: 201, body: shop.place(lines, note, new Date()) };
  },
  'GET /orders/{id}': ({ shop, id }) => ({ body: shop.order(id) }),
  'PATCH /orders/{id}': async ({ shop, request, id }) => ({
    body: shop.change(id, await bodyOf<OrderChange>(request)),
  }),
  'DELETE /orders/{id}': ({ shop, id }) => {
    shop.remove(id);
    return {};
  },
  'GET /inventory': ({ shop }) => ({ body: { items: shop.items() } }),
  'GET /inventory/{id}': ({ shop, id }) => ({ body: shop.item(id) }),
  'PUT /inventory/{id}': async ({ shop, request, id }) => {
    return { body: shop.putItem({ ...(await bodyOf<Omit<Item, 'sku'>>(request)), sku: id }) };
  },
  'GET /reports/sales': ({ shop }) => ({ body: shop.sales() }),
};

// `/sandbox/v1/orders/17`: whose shop, which operation, which id.
const PATH = /^\/(?:(sandbox)\/)?v1(\/reports\/sales|\/\w+)(?:\/([\w-]+))?$/;

/** Answers every request: each tenant has a shop of its own, and one to try things in. */
export function requestHandler(): (request: IncomingMessage, response: ServerResponse) => void {
  const shops = new Map<string, Shop>();
  return (request, response) => {
    void reply(response, async () => answer(request, shops));
  };
}

function answer(request: IncomingMessage, shops: Map<string, Shop>): Reply | Promise<Reply> {
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://commerce.invalid');
  if (pathname === '/healthz') return { body: { status: 'ok' } };
  const [, sandbox, collection, id = ''] = PATH.exec(pathname) ?? [];
  // RFC 9110 §9.3.2: HEAD is GET without the content, which Node leaves out by itself.
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const operation = OPERATIONS[`${method} ${collection}${id === '' ? '' : '/{id}'}`];
  if (operation === undefined) throw new Failure(404, 'There is no such operation.');
  return operation({ shop: shopOf(shops, `${sandbox} ${tenantOf(request)}`), request, query, id });
}

/** Whoever asks, as the gate says. Without a gate in front anybody can say anything. */
function tenantOf({ headers }: IncomingMessage): string {
  return String(headers['x-steadygate-tenant'] ?? 'nobody');
}

function shopOf(shops: Map<string, Shop>, name: string): Shop {
  const known = shops.get(name) ?? new Shop();
  shops.set(name, known);
  return known;
}
