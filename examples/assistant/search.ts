import type { Chat } from './chats.ts';

/** Where a query was found. */
export type SearchResult = { readonly chatId: string; readonly title: string; readonly excerpt: string };

const EXCERPT_CHARS_AROUND = 60;

/** Finds the query, in any case, in the chat's title or messages; the last message wins. */
export function searchChat(chat: Chat, query: string): SearchResult | undefined {
  const texts = [...chat.messages.map(({ text }) => text).toReversed(), chat.title];
  const excerpt = texts.map((text) => excerptAround(text, query)).find((found) => found !== undefined);
  return excerpt === undefined ? undefined : { chatId: chat.id, title: chat.title, excerpt };
}

function excerptAround(text: string, query: string): string | undefined {
  const at = text.toLowerCase().indexOf(query.toLowerCase());
  if (at === -1) return undefined;

  const start = Math.max(0, at - EXCERPT_CHARS_AROUND);
  const end = Math.min(text.length, at + query.length + EXCERPT_CHARS_AROUND);
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`;
}
