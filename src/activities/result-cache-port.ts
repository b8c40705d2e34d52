import type { StoredSummary } from '../domain/summaries/stored-summary.js';

/** Where the summaries of items stand that the gateways serve. Every method rejects with a `PortError`. */
export interface ResultCache {
  /**
   * Writes the summary of an item, over that of an earlier run alone: `written` false where a later run was first, so
   * that an attempt that was given up can't bring back what it knew.
   */
  put(input: { summary: StoredSummary }): Promise<{ written: boolean }>;
  /** Null where there is none, and from `expiresAt` on, whether it has been removed by then or not. */
  get(input: { family: string; item: string }): Promise<StoredSummary | null>;
  /** Removing what is not there is no error. */
  remove(input: { family: string; item: string }): Promise<void>;
}
