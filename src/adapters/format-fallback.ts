import { LRUCache } from 'lru-cache';

/** So long an endpoint is not asked again for what it refused: it may have been set up anew meanwhile. */
const rememberedMilliseconds = 3_600_000;
const mostRemembered = 1000;

/** Who is asked. */
export interface AskedPlace {
  endpoint: string;
  model: string;
}

export type OnRefusedFormat = (input: AskedPlace & { reason: string }) => void;

/**
 * Knows which releases refuse `response_format`, and asks those without it. A refusal counts as one only once the same
 * question was taken without a format: an endpoint says 400 to a question that is too long as well.
 */
export class FormatFallback {
  readonly #refused = new LRUCache<string, true>({ max: mostRemembered, ttl: rememberedMilliseconds });
  readonly #onRefused: OnRefusedFormat;
  readonly #onPlain: (place: AskedPlace) => void;

  constructor({
    onRefused,
    onPlain = () => undefined,
  }: {
    onRefused: OnRefusedFormat;
    /** For every question that is asked without the format that was wanted. */
    onPlain?: (place: AskedPlace) => void;
  }) {
    this.#onRefused = onRefused;
    this.#onPlain = onPlain;
  }

  /** Rejects as `inFormat` does where `isRefusal` says no, else as `plain` does. */
  async ask<Reply>({
    place,
    inFormat,
    plain,
    isRefusal,
  }: {
    place: AskedPlace;
    inFormat: () => Promise<Reply>;
    plain: () => Promise<Reply>;
    isRefusal: (error: unknown) => boolean;
  }): Promise<Reply> {
    const { endpoint, model } = place;
    const key = JSON.stringify([endpoint, model]);
    if (this.#refused.has(key)) {
      this.#onPlain({ endpoint, model });
      return await plain();
    }
    try {
      return await inFormat();
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const reply = await plain();
      // Of many questions at once, the first that comes back tells.
      if (!this.#refused.has(key)) this.#onRefused({ endpoint, model, reason: (error as Error).message });
      this.#refused.set(key, true);
      this.#onPlain({ endpoint, model });
      return reply;
    }
  }
}
