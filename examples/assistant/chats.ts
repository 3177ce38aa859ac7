import { randomUUID } from 'node:crypto';
import type { EventHub } from './events.ts';

/** One turn of a conversation; `at` is ISO 8601. */
export type Message = {
  readonly id: string;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  readonly at: string;
};

/** A conversation. It has no owner: the application knows no users. */
export type Chat = {
  readonly id: string;
  readonly title: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly messages: readonly Message[];
};

type ChatStoreDeps = { readonly events: EventHub; readonly nowMs: () => number };

/** Keeps all chats in memory, and publishes every change after it is visible here. */
export class ChatStore {
  // Kept in the order of their last change: a changed chat moves to the end.
  readonly #chats = new Map<string, Chat>();
  readonly #events: EventHub;
  readonly #nowMs: () => number;

  constructor({ events, nowMs }: ChatStoreDeps) {
    this.#events = events;
    this.#nowMs = nowMs;
  }

  /** All chats, the last changed first. */
  list(): readonly Chat[] {
    return [...this.#chats.values()].toReversed();
  }

  find(id: string): Chat | undefined {
    return this.#chats.get(id);
  }

  create(title: string): Chat {
    const at = this.#now();
    const chat: Chat = { id: randomUUID(), title, createdAt: at, updatedAt: at, messages: [] };
    this.#chats.set(chat.id, chat);
    this.#events.publish({ type: 'chat.created', chatId: chat.id, title });
    return chat;
  }

  rename(chat: Chat, title: string): Chat {
    const renamed = this.#put({ ...chat, title });
    this.#events.publish({ type: 'chat.changed', chatId: chat.id, title });
    return renamed;
  }

  remove(chat: Chat): void {
    this.#chats.delete(chat.id);
    this.#events.publish({ type: 'chat.deleted', chatId: chat.id });
  }

  addUserMessage(chat: Chat, text: string): Message {
    const message: Message = { id: randomUUID(), role: 'user', text, at: this.#now() };
    this.#put({ ...chat, messages: [...chat.messages, message] });
    this.#events.publish({ type: 'message.added', chatId: chat.id, message });
    return message;
  }

  /** The reply's id is given, because its tokens were published under it. */
  addReply(chat: Chat, messageId: string, text: string): void {
    const message: Message = { id: messageId, role: 'assistant', text, at: this.#now() };
    this.#put({ ...chat, messages: [...chat.messages, message] });
    this.#events.publish({ type: 'reply.done', chatId: chat.id, messageId });
  }

  /** Figures over all chats; `messagesToday` counts from midnight UTC. */
  figures(): { readonly chats: number; readonly messages: number; readonly messagesToday: number } {
    const messages = this.list().flatMap((chat) => chat.messages);
    const today = this.#now().slice(0, 10);
    const messagesToday = messages.filter((message) => message.at.startsWith(today)).length;
    return { chats: this.#chats.size, messages: messages.length, messagesToday };
  }

  #put(chat: Chat): Chat {
    const updated = { ...chat, updatedAt: this.#now() };
    this.#chats.delete(chat.id);
    this.#chats.set(chat.id, updated);
    return updated;
  }

  #now(): string {
    return new Date(this.#nowMs()).toISOString();
  }
}
