import { randomUUID } from 'node:crypto';
import type { App } from './app.ts';
import type { Chat } from './chats.ts';

/** How long one message may be. */
export const TEXT_CHARS_MAX = 8_000;

/**
 * Adds a message to the chat and streams the model's reply, as events and to `onToken`.
 *
 * The reply is finished even if whoever asked has gone: others may be watching the chat. Returns the id of the
 * reply, or undefined if the chat was deleted meanwhile.
 */
export async function converse(
  app: App,
  said: { readonly chat: Chat; readonly text: string },
  onToken: (text: string) => void,
): Promise<string | undefined> {
  const chatId = said.chat.id;
  const messageId = randomUUID();
  const message = app.chats.addUserMessage(said.chat, said.text);

  let reply = '';
  for await (const text of app.model.reply([...said.chat.messages, message])) {
    if (app.chats.find(chatId) === undefined) return undefined;
    reply += text;
    app.events.publish({ type: 'reply.token', chatId, messageId, text });
    onToken(text);
  }
  return finish(app, { chatId, messageId, reply });
}

type Finished = { readonly chatId: string; readonly messageId: string; readonly reply: string };

function finish(app: App, { chatId, messageId, reply }: Finished): string | undefined {
  // Looked up again: the chat may have grown, or gone, while the reply was streaming.
  const chat = app.chats.find(chatId);
  if (chat === undefined) return undefined;

  app.chats.addReply(chat, messageId, reply);
  return messageId;
}
