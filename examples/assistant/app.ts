import type { ChatStore } from './chats.ts';
import type { EventHub } from './events.ts';
import type { Model } from './model.ts';
import type { Pages } from './pages.ts';
import type { Settings } from './settings.ts';

/** Everything a route may use. Built once, in `server.ts`. */
export type App = {
  readonly settings: Settings;
  readonly chats: ChatStore;
  readonly events: EventHub;
  readonly model: Model;
  readonly pages: Pages;
};
