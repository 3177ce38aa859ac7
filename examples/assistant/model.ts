import { setTimeout as delay } from 'node:timers/promises';
import type { Message } from './chats.ts';

/** Stands where a language model would: turns a conversation into a stream of tokens. */
export type Model = {
  readonly name: string;
  reply(messages: readonly Message[]): AsyncIterable<string>;
};

/** A model that needs no network: the same conversation always gets the same words, one at a time. */
export function cannedModel(options: { readonly tokenDelayMs: number }): Model {
  return {
    name: 'canned-1',
    async *reply(messages) {
      for (const token of tokensOf(compose(messages))) {
        await delay(options.tokenDelayMs);
        yield token;
      }
    },
  };
}

function tokensOf(text: string): readonly string[] {
  return text.match(/\s*\S+/g) ?? [];
}

type Answer = { readonly when: RegExp; readonly say: (messages: readonly Message[]) => string };

const ANSWERS: readonly Answer[] = [
  {
    when: /\b(hello|hi|hey|good (morning|afternoon|evening))\b/i,
    say: () => 'Hello! I am a small canned model. Ask me for a plan, a summary, or help, and I will do my best.',
  },
  {
    when: /\b(help|what can you do)\b/i,
    say: () =>
      'I can draft a plan, summarise this chat, or repeat a thought back to you. My answers were written in advance, so they never leave this machine.',
  },
  {
    when: /\b(plan|steps|roadmap)\b/i,
    say: () =>
      'Here is a plan. First, write down what done looks like. Second, do the smallest part that proves the idea. Third, show it to somebody and listen. Then decide what comes next.',
  },
  { when: /\b(summar(y|ise|ize)|recap)\b/i, say: summarise },
];

function compose(messages: readonly Message[]): string {
  const question = messages.at(-1)?.text ?? '';
  const answer = ANSWERS.find(({ when }) => when.test(question));
  return answer?.say(messages) ?? `You wrote: ${shorten(question, 400)} Tell me more, or ask me for a plan.`;
}

function summarise(messages: readonly Message[]): string {
  const questions = messages.filter(({ role }) => role === 'user').slice(0, -1);
  const first = questions[0];
  if (first === undefined) return 'There is nothing to summarise yet: this is the first message of the chat.';
  return `So far you sent ${questions.length} message(s), starting with "${shorten(first.text, 120)}".`;
}

function shorten(text: string, charsMax: number): string {
  return text.length <= charsMax ? text : `${text.slice(0, charsMax - 1)}…`;
}
