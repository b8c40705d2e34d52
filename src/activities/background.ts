export interface Background {
  /** Begins the work where none is under way and the last began long enough ago. */
  look(input: { now: string }): void;
  /** Once what is under way has ended. */
  settled(): Promise<void>;
}

/** Work that a watcher does beside its looks, one at a time, so that no look ever waits for it. */
export function inBackground({
  everyMilliseconds,
  work,
  onFailure,
}: {
  everyMilliseconds: number;
  /** @param now ISO 8601. */
  work: (input: { now: string }) => Promise<void>;
  /** A failure never ends the watch. */
  onFailure: (error: unknown) => void;
}): Background {
  let underWay: Promise<void> | null = null;
  let begunAt = -Infinity;
  return {
    look: ({ now }) => {
      const at = Date.parse(now);
      if (underWay !== null || at - begunAt < everyMilliseconds) return;
      begunAt = at;
      underWay = work({ now })
        .catch(onFailure)
        .finally(() => {
          underWay = null;
        });
    },
    settled: async () => {
      await underWay;
    },
  };
}
