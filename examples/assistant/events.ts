import type { Message } from './chats.ts';

/** What happens in the workspace. Everybody hears of everything: who may is the gate's business. */
export type WorkspaceEvent =
  | { readonly type: 'chat.created' | 'chat.changed'; readonly chatId: string; readonly title: string }
  | { readonly type: 'chat.deleted'; readonly chatId: string }
  | { readonly type: 'message.added'; readonly chatId: string; readonly message: Message }
  | { readonly type: 'reply.token'; readonly chatId: string; readonly messageId: string; readonly text: string }
  | { readonly type: 'reply.done'; readonly chatId: string; readonly messageId: string };

/** An event with its place in the order; numbers start at 1 and have no gaps. */
export type NumberedEvent = { readonly number: number; readonly event: WorkspaceEvent };

type Listener = (numbered: NumberedEvent) => void;

const HISTORY_EVENTS_MAX = 100;

/** Hands each event to every subscriber in one order, and remembers the last 100. */
export class EventHub {
  readonly #listeners = new Set<Listener>();
  #history: readonly NumberedEvent[] = [];
  #lastNumber = 0;

  publish(event: WorkspaceEvent): void {
    this.#lastNumber += 1;
    const numbered: NumberedEvent = { number: this.#lastNumber, event };
    this.#history = [...this.#history, numbered].slice(-HISTORY_EVENTS_MAX);
    for (const listener of this.#listeners) listener(numbered);
  }

  /** The remembered events after `number`. */
  after(number: number): readonly NumberedEvent[] {
    return this.#history.filter((numbered) => numbered.number > number);
  }

  /** Returns the function that ends the subscription. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
