/** Steps that retrieval can do without, and why it had to: one line each. */
export interface OptionalSteps {
  leftOut: string[];
  /**
   * What the work gives. Where retrieval has a time limit, null once `share` of it is over or the work fails; without a
   * limit the work is waited for, and fails what asked for it.
   */
  run<Value>(input: {
    name: string;
    share: number;
    work: (signal: AbortSignal) => Promise<Value>;
  }): Promise<Value | null>;
}

export function optionalSteps({
  budgetMilliseconds,
  signal = new AbortController().signal,
}: {
  budgetMilliseconds: number | undefined;
  signal: AbortSignal | undefined;
}): OptionalSteps {
  const begun = performance.now();
  const leftOut: string[] = [];
  return {
    leftOut,
    run: async ({ name, share, work }) => {
      if (budgetMilliseconds === undefined) return await work(signal);
      const limit = AbortSignal.timeout(
        Math.max(0, Math.round(begun + share * budgetMilliseconds - performance.now())),
      );
      const either = AbortSignal.any([signal, limit]);
      const over = new Promise<never>((_, reject) => {
        either.addEventListener('abort', () => reject(new Error('out of time')), { once: true });
      });
      try {
        return await Promise.race([work(either), over]);
      } catch (error) {
        // Whoever ended the whole retrieval is told so, and not of a step of it.
        signal.throwIfAborted();
        const why = limit.aborted
          ? `not there after ${Math.round(share * budgetMilliseconds)} ms`
          : error instanceof Error
            ? error.message
            : String(error);
        leftOut.push(`${name}: ${why}`);
        return null;
      }
    },
  };
}
