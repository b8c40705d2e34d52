import { seededRandom } from '../statistics/random.js';

/**
 * When requests arrive, in milliseconds from the start: independent users, so that gaps are exponential (a Poisson
 * process). The times are fixed before anything is sent: a server that answers slowly gets no fewer requests for it.
 */
export function arrivalTimes({
  perSecond,
  milliseconds,
  seed,
}: {
  perSecond: number;
  milliseconds: number;
  seed: number;
}): number[] {
  const random = seededRandom(seed);
  const times: number[] = [];
  for (let at = 0; ;) {
    at += (-Math.log(1 - random.uniform()) * 1000) / perSecond;
    if (at >= milliseconds) return times;
    times.push(at);
  }
}
