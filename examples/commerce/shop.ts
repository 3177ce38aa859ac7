import { randomUUID } from 'node:crypto';
import { Failure } from './http.ts';

export type Status = 'open' | 'paid' | 'shipped' | 'cancelled';

/** One line of an order. Prices are in cents. */
export type Line = { readonly sku: string; readonly quantity: number };

export type Order = {
  readonly id: string;
  readonly status: Status;
  readonly lines: readonly (Line & { readonly unitPrice: number })[];
  readonly total: number;
  readonly note: string | null;
  readonly createdAt: string;
};

export type Item = { readonly sku: string; readonly name: string; readonly price: number; readonly stock: number };

/* What may become of an order. */
const NEXT: Readonly<Record<Status, readonly Status[]>> = {
  open: ['paid', 'cancelled'],
  paid: ['shipped', 'cancelled'],
  shipped: [],
  cancelled: [],
};

const FIRST_ITEMS: readonly Item[] = [
  { sku: 'MUG-BLUE', name: 'Blue mug', price: 900, stock: 100 },
  { sku: 'TEA-EARL', name: 'Earl Grey, 100 g', price: 1250, stock: 40 },
];

/** Orders and stock of one tenant, in memory. */
export class Shop {
  readonly #orders = new Map<string, Order>();
  readonly #items = new Map(FIRST_ITEMS.map((item) => [item.sku, item]));

  /** Reserves the stock. @throws Failure 404 for an unknown item, 409 when too few are left */
  place(lines: readonly Line[], note: string | null, now: Date): Order {
    const priced = lines.map((line) => ({ ...line, unitPrice: this.#reservable(line).price }));
    for (const { sku, quantity } of lines) this.#move(sku, -quantity);
    const total = priced.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0);
    const order: Order = {
      id: randomUUID(),
      status: 'open',
      lines: priced,
      total,
      note,
      createdAt: now.toISOString(),
    };
    this.#orders.set(order.id, order);
    return order;
  }

  /** The newest first. */
  orders(status: string | null, limit: number): readonly Order[] {
    const all = [...this.#orders.values()].toReversed();
    return all.filter((order) => status === null || order.status === status).slice(0, limit);
  }

  order(id: string): Order {
    const order = this.#orders.get(id);
    if (order === undefined) throw new Failure(404, 'There is no such order.');
    return order;
  }

  /** @throws Failure 409 when an order cannot become that */
  change(id: string, changes: { readonly status?: Status; readonly note?: string | null }): Order {
    const before = this.order(id);
    const { status = before.status } = changes;
    if (status !== before.status && !NEXT[before.status].includes(status)) {
      throw new Failure(409, `An order that is ${before.status} cannot become ${status}.`);
    }
    if (status === 'cancelled' && before.status !== 'cancelled') {
      for (const { sku, quantity } of before.lines) this.#move(sku, quantity);
    }
    const order = { ...before, ...changes, status };
    this.#orders.set(id, order);
    return order;
  }

  /** Removes an order that is over. @throws Failure 409 for others */
  remove(id: string): void {
    const { status } = this.order(id);
    if (NEXT[status].length > 0) throw new Failure(409, 'Cancel the order first.');
    this.#orders.delete(id);
  }

  items(): readonly Item[] {
    return [...this.#items.values()];
  }

  item(sku: string): Item {
    const item = this.#items.get(sku);
    if (item === undefined) throw new Failure(404, 'There is no such item.');
    return item;
  }

  putItem(item: Item): Item {
    this.#items.set(item.sku, item);
    return item;
  }

  /** What was sold, cancelled orders left out. */
  sales(): { readonly orders: number; readonly revenue: number } {
    const sold = [...this.#orders.values()].filter(({ status }) => status === 'paid' || status === 'shipped');
    return { orders: sold.length, revenue: sold.reduce((sum, { total }) => sum + total, 0) };
  }

  #reservable({ sku, quantity }: Line): Item {
    const item = this.item(sku);
    if (item.stock < quantity) throw new Failure(409, `Only ${item.stock} of ${sku} are left.`);
    return item;
  }

  #move(sku: string, by: number): void {
    const item = this.item(sku);
    this.#items.set(sku, { ...item, stock: item.stock + by });
  }
}
