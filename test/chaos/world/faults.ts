import { pick } from '../seeded.js';

/** What goes wrong with one call to the outside. */
export type Fault =
  | 'none'
  /** 429, with how long to wait. */
  | 'rateLimited'
  /** 500, before anything was done. */
  | 'unavailable'
  /** It was done, and the answer never came. */
  | 'lostAnswer'
  /** The caller was told of a timeout; it is done a moment later. */
  | 'landsLate'
  /** It was done twice. */
  | 'repeated'
  /** Somebody else wrote first. */
  | 'raceLost'
  /** The worker that called is killed before, or after it was done. */
  | 'killedBefore'
  | 'killedAfter';

type Rates = readonly (readonly [Fault, number])[];

/** In a thousand calls. What is called a hundred times in one activity fails more seldom, or nothing would ever end. */
const rates: Record<'store' | 'compareAndSet' | 'chat' | 'activity' | 'other', Rates> = {
  store: [
    ['none', 989],
    ['unavailable', 3],
    ['rateLimited', 1],
    ['lostAnswer', 3],
    ['landsLate', 1],
    ['repeated', 2],
    ['killedBefore', 0.5],
    ['killedAfter', 0.5],
  ],
  compareAndSet: [
    ['none', 780],
    ['raceLost', 120],
    ['unavailable', 30],
    ['lostAnswer', 30],
    ['landsLate', 20],
    ['repeated', 10],
    ['killedBefore', 5],
    ['killedAfter', 5],
  ],
  chat: [
    ['none', 994],
    ['rateLimited', 3],
    ['unavailable', 3],
  ],
  activity: [
    ['none', 984],
    ['killedBefore', 8],
    ['killedAfter', 8],
  ],
  other: [
    ['none', 900],
    ['unavailable', 25],
    ['rateLimited', 15],
    ['lostAnswer', 25],
    ['landsLate', 10],
    ['repeated', 15],
    ['killedBefore', 5],
    ['killedAfter', 5],
  ],
};

const kindOf = (method: string): keyof typeof rates => {
  if (method === 'store.compareAndSet') return 'compareAndSet';
  if (method.startsWith('store.')) return 'store';
  if (method.startsWith('chat.') || method.startsWith('stream.')) return 'chat';
  return method.startsWith('activity.') ? 'activity' : 'other';
};

export interface Faults {
  /** What goes wrong with the next call of `method` from `scope`, the activity that calls. */
  next(input: { scope: string; method: string }): Fault;
  readonly counts: ReadonlyMap<Fault, number>;
  /** From now on nothing goes wrong any more. */
  end(): void;
}

/** Each activity's calls have their own sequence of faults, so that it does not matter who calls first. */
export function createFaults({ seed }: { seed: number }): Faults {
  const ordinals = new Map<string, number>();
  const counts = new Map<Fault, number>();
  let over = false;
  return {
    counts,
    end: () => {
      over = true;
    },
    next: ({ scope, method }) => {
      const key = `${scope}/${method}`;
      const ordinal = (ordinals.get(key) ?? 0) + 1;
      ordinals.set(key, ordinal);
      const fault = over ? 'none' : pick({ seed, key: `fault/${key}/${ordinal}`, choices: rates[kindOf(method)] });
      counts.set(fault, (counts.get(fault) ?? 0) + 1);
      return fault;
    },
  };
}
