import { loadSteps, type LoadStep } from './load-sample.js';

/** One process sends no more in time: beyond it a test would show how late its own generator is. */
const mostPerSecond = 10_000;
/** When each is due is laid out before it begins, and each is kept with its times until the end. */
const mostRequests = 1_000_000;

/** Why a worker can't ask so much, with what it can; null where it can. */
export function loadRefusal(load: LoadStep): string | null {
  const { perSecond, milliseconds } = load;
  const requests = loadSteps(load).reduce((sum, step) => sum + (step.perSecond * step.milliseconds) / 1000, 0);
  if (!(perSecond <= mostPerSecond)) return `${perSecond} requests a second; expected at most ${mostPerSecond}`;
  if (requests <= mostRequests) return null;
  return `${perSecond} requests a second for ${milliseconds / 1000} s, ${Math.ceil(requests)} with the steps before; expected at most ${mostRequests}`;
}
