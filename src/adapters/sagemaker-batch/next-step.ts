/** What became of a question in one job that asked it. */
export type Fate =
  | { kind: 'answered'; text: string }
  | { kind: 'waiting' }
  | {
      kind: 'failed';
      /** It had a file of its own, so that what was said was said of it. */
      alone: boolean;
      /** What the model's server answered; null where no server answered at all. */
      status: number | null;
      reason: string;
      /** There was no instance, or somebody stopped the job: nothing was tried. */
      untried: boolean;
      /** Nobody had seen it end before. */
      fresh: boolean;
    };
export type Failed = Extract<Fate, { kind: 'failed' }>;

export type Step =
  | { kind: 'answered'; text: string }
  | { kind: 'wait' }
  | { kind: 'ask'; alone: boolean }
  /** For good, with the reason. */
  | { kind: 'refused' | 'given up'; reason: string }
  /** For now: whoever asks later finds what there is. */
  | { kind: 'failed'; reason: string; untried: boolean };

/** A job costs an instance for minutes, so that nothing is asked for ever. */
const mostTries = 4;

const refuses = (status: number | null): boolean =>
  status !== null && status >= 400 && status < 500 && status !== 408 && status !== 429;

/** What to do about a question by what became of it so far, oldest job first. */
export function nextStep(fates: readonly Fate[]): Step {
  const answered = fates.find((fate) => fate.kind === 'answered');
  if (answered) return answered;
  if (fates.some(({ kind }) => kind === 'waiting')) return { kind: 'wait' };
  const failures = fates.filter((fate): fate is Failed => fate.kind === 'failed');
  const last = failures.at(-1);
  if (last === undefined) return { kind: 'ask', alone: false };
  const tried = failures.filter(({ untried }) => !untried);
  const lastTried = tried.at(-1);
  if (lastTried?.alone && refuses(lastTried.status)) return { kind: 'refused', reason: lastTried.reason };
  if (tried.length >= mostTries)
    return { kind: 'given up', reason: `${lastTried!.reason} (asked in ${tried.length} jobs)` };
  const spoilt = last.status !== null && !last.alone;
  if (last.fresh && !spoilt) return { kind: 'failed', reason: last.reason, untried: last.untried };
  return { kind: 'ask', alone: tried.some(({ status }) => status !== null) };
}
