import type { ChatModel } from '../../activities/ports.js';
import { modelOfBatchAddress } from '../sagemaker-batch/batch-address.js';
import { modelOfAddress } from './async-address.js';

const canWait = (endpoint: string): boolean =>
  modelOfAddress(endpoint) !== null || modelOfBatchAddress(endpoint) !== null;

/** Asks by `offline` what can wait, at asynchronous endpoints or by batch transform, and all others as before. */
export function withOffline({ chat, offline }: { chat: ChatModel; offline: ChatModel | null }): ChatModel {
  const whom = (endpoint: string): ChatModel => (offline !== null && canWait(endpoint) ? offline : chat);
  return {
    atOnce: (asked) => whom(asked.endpoint).atOnce?.(asked) ?? null,
    complete: (asked) => whom(asked.endpoint).complete(asked),
  };
}
