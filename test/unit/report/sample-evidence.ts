import type { CanaryLook } from '../../../src/domain/report/report-input.js';

const began = Date.parse('2026-11-21T09:00:00Z');
export const at = (seconds: number): string => new Date(began + seconds * 1000).toISOString();

/** Numbers in 0..1 that look random and are the same in every run. */
export function numbers({ count, seed }: { count: number; seed: number }): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  });
}

/** A loss curve from about 2.5 down to `low`, one point `every` steps. */
export const curve = ({ count, every, seed, low }: { count: number; every: number; seed: number; low: number }) =>
  numbers({ count, seed }).map((noise, index) => ({
    step: (index + 1) * every,
    value: low + 2.1 * Math.exp(-(index * every) / 28) + (noise - 0.5) * 0.16,
  }));

/** Looks of a canary; `fault` is the rate at which the error guard's evidence grows, below 1 for a good release. */
export function looks({ fault }: { fault: number }): CanaryLook[] {
  const noise = numbers({ count: 400, seed: 7 });
  const all: CanaryLook[] = [];
  let error = 1;
  let slow = 1;
  for (let index = 0; index < 90; index += 1) {
    const share = index < 43 ? 0.05 : 0.25;
    error *= fault * (0.9 + noise[index]! * 0.2);
    slow *= 0.985 * (0.9 + noise[index + 100]! * 0.2);
    all.push({
      at: at(432 + index * 3),
      share,
      revision: index < 43 ? 3 : 4,
      guards: [
        { event: 'error', eValue: error, threshold: 200 },
        { event: 'slow', eValue: slow, threshold: 200 },
      ],
      challengerKeys: Math.round(index < 43 ? index * 1.1 : 47 + (index - 43) * 5.2),
      championKeys: Math.round(18 * index),
    });
    if (error >= 200) break;
  }
  return all;
}
