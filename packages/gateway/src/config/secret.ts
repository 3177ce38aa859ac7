import { inspect } from 'node:util';

const MASK = '[secret]';

/** A value that never prints: text, JSON and inspection show `[secret]`; only `reveal()` gives it out. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Callers pass it on to where it is used, never into a message or a log. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
