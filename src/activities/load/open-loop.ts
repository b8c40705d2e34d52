import { arrivalTimes } from '../../domain/load/arrivals.js';
import type { LoadSample, LoadStep } from '../../domain/load/load-sample.js';
import type { Timing } from '../judging/pacer.js';
import { PortError } from '../ports.js';
import type { StreamedAnswer } from './answer-stream-port.js';

/** More requests under way than this, and the rest count as failed: an endpoint that far behind has been shown. */
const mostUnderWay = 2000;

/**
 * Sends requests when they are due, however slowly the ones before are answered, and measures each from the moment it
 * was due. A generator that waits for answers before it asks again would leave out just the requests that suffer
 * (coordinated omission; Tene 2015, "How not to measure latency"). Ends once all are answered or timed out.
 */
export async function openLoop({
  step,
  index,
  seed,
  timing,
  timeoutMilliseconds,
  signal,
  ask,
}: {
  step: LoadStep;
  index: number;
  seed: number;
  timing: Timing;
  timeoutMilliseconds: number;
  signal: AbortSignal;
  /** Asks the n-th question of the step. */
  ask: (n: number, signal: AbortSignal) => Promise<StreamedAnswer>;
}): Promise<LoadSample[]> {
  const dues = arrivalTimes({ ...step, seed });
  const samples: LoadSample[] = [];
  const underWay = new Set<Promise<void>>();
  const began = timing.now();
  for (const [n, due] of dues.entries()) {
    signal.throwIfAborted();
    const wait = began + due - timing.now();
    if (wait > 0) await timing.sleep(wait);
    const late = Math.max(0, timing.now() - began - due);
    if (underWay.size >= mostUnderWay) {
      samples.push({ step: index, due, late, firstToken: null, latency: late, completionTokens: 0, error: 'tooMany' });
      continue;
    }
    const one = send({ n, due, late }).finally(() => underWay.delete(one));
    underWay.add(one);
  }
  await Promise.all(underWay);
  signal.throwIfAborted();
  return samples.sort((one, other) => one.due - other.due);

  async function send({ n, due, late }: { n: number; due: number; late: number }): Promise<void> {
    const sentAt = timing.now();
    const own = AbortSignal.any([signal, AbortSignal.timeout(timeoutMilliseconds)]);
    try {
      const { firstTokenMilliseconds, milliseconds, completionTokens } = await ask(n, own);
      const firstToken = firstTokenMilliseconds === null ? null : late + firstTokenMilliseconds;
      samples.push({ step: index, due, late, firstToken, latency: late + milliseconds, completionTokens, error: null });
    } catch (error) {
      const kind = error instanceof PortError ? error.type : 'Unavailable';
      const latency = late + timing.now() - sentAt;
      samples.push({ step: index, due, late, firstToken: null, latency, completionTokens: 0, error: kind });
    }
  }
}
