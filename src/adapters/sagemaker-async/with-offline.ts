import type { ChatModel } from '../../activities/ports.js';
import { modelOfAddress } from './async-address.js';

/** Asks asynchronous endpoints by `offline`, and all others as before. */
export function withOffline({ chat, offline }: { chat: ChatModel; offline: ChatModel | null }): ChatModel {
  const whom = (endpoint: string): ChatModel =>
    offline !== null && modelOfAddress(endpoint) !== null ? offline : chat;
  return {
    atOnce: (asked) => whom(asked.endpoint).atOnce?.(asked) ?? null,
    complete: (asked) => whom(asked.endpoint).complete(asked),
  };
}
