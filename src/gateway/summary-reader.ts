import { LRUCache } from 'lru-cache';
import { PortError } from '../activities/ports.js';
import type { ResultCache } from '../activities/result-cache-port.js';
import type { StoredSummary } from '../domain/summaries/stored-summary.js';
import type { Clock } from './clock.js';
import { unavailable } from './http-error.js';

/** An item that is looked at by many is read once in so long; a summary that is taken back is gone as soon. */
const freshMilliseconds = 2000;
const remembered = 20_000;

interface Known {
  summary: StoredSummary | null;
  readAt: number;
}

export interface SummaryReaderOptions {
  results: ResultCache;
  clock: Clock;
  onFailure: (error: unknown) => void;
}

/** Reads summaries of items, and goes on serving those it knows until they expire while the cache is away. */
export class SummaryReader {
  private readonly known = new LRUCache<string, Known>({ max: remembered });
  private readonly reading = new Map<string, Promise<StoredSummary | null>>();

  constructor(private readonly options: SummaryReaderOptions) {}

  /**
   * The summary of an item; null where there is none.
   * @throws HttpError 503 where the cache is away and nothing is known of the item
   */
  async read({ family, item }: { family: string; item: string }): Promise<StoredSummary | null> {
    const key = `${family}\0${item}`;
    const known = this.known.get(key);
    const now = this.options.clock();
    const fresh = known !== undefined && now - known.readAt < freshMilliseconds;
    const summary = fresh ? known.summary : await this.refresh({ key, family, item, known });
    return summary !== null && Date.parse(summary.expiresAt) > now ? summary : null;
  }

  /** One reading for all who ask at the same time. */
  private refresh(input: { key: string; family: string; item: string; known: Known | undefined }) {
    const { key } = input;
    const under = this.reading.get(key);
    if (under) return under;
    const reading = this.fetch(input).finally(() => this.reading.delete(key));
    this.reading.set(key, reading);
    return reading;
  }

  private async fetch(input: {
    key: string;
    family: string;
    item: string;
    known: Known | undefined;
  }): Promise<StoredSummary | null> {
    const { key, known, ...wanted } = input;
    try {
      const summary = await this.options.results.get(wanted).catch(nothingUnderSuchNames);
      this.known.set(key, { summary, readAt: this.options.clock() });
      return summary;
    } catch (error) {
      this.options.onFailure(error);
      if (known === undefined) throw unavailable('summaries can not be read now; try again');
      return known.summary;
    }
  }
}

/** Callers may name anything; what can't be a name, such as a way out of the store, has no summary. */
function nothingUnderSuchNames(error: unknown): null {
  if (error instanceof PortError && error.type === 'InvalidInput') return null;
  throw error;
}
