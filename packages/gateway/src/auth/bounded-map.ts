/** How full a cache is, and how often it could answer. */
export interface CacheUse {
  readonly size: number;
  readonly sizeMax: number;
  /** Look-ups so far that found something, and that did not. */
  readonly hits: number;
  readonly misses: number;
}

/** A map that forgets its least recently used entry beyond `sizeMax`: memory stays bounded whatever is asked (T24). */
export class BoundedMap<K, V> implements CacheUse {
  readonly #entries = new Map<K, V>();
  readonly sizeMax: number;
  hits = 0;
  misses = 0;

  constructor(sizeMax: number) {
    this.sizeMax = sizeMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) {
      this.misses += 1;
      return undefined;
    }
    this.hits += 1;
    // Moving to the end on every read would cost more than it saves below the bound.
    if (this.#entries.size >= this.sizeMax) this.#touch(key, value);
    return value;
  }

  /** The same without counting as a look-up or as a use. */
  peek(key: K): V | undefined {
    return this.#entries.get(key);
  }

  set(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.sizeMax) return;
    const oldest = this.#entries.keys().next();
    if (oldest.done !== true) this.#entries.delete(oldest.value);
  }

  delete(key: K): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  values(): IterableIterator<V> {
    return this.#entries.values();
  }

  #touch(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
  }
}
