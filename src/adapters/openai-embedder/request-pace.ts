/**
 * Spaces requests evenly, so that no minute holds more than its share. Evenly, and not so many at once, because
 * endpoints measure shorter stretches than a minute too.
 */
export class RequestPace {
  private next = -Infinity;

  constructor(
    private readonly options: {
      /** Null: no limit. */
      requestsPerMinute: number | null;
      /** Milliseconds of a clock that never goes back. */
      now: () => number;
      /** Ends early, by rejecting, when the signal aborts. */
      sleep: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
    },
  ) {}

  /** Resolves when the next request may go out. */
  async turn(signal?: AbortSignal): Promise<void> {
    const { requestsPerMinute, now, sleep } = this.options;
    if (requestsPerMinute === null) return;
    const at = Math.max(now(), this.next);
    this.next = at + 60_000 / requestsPerMinute;
    const wait = at - now();
    if (wait > 0) await sleep(wait, signal);
  }
}
