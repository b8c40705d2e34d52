import { guardTest, startGuard, advanceGuard } from '../../src/domain/rollout/guard-state.js';
import { logGamma } from '../../src/domain/statistics/distributions.js';
import { merged, type ObservedCanary, type Rule } from './windows.js';

/** Rolls back once more than `mayFail` windows failed. */
function failedWindows({
  canary,
  by,
  mayFail,
  fails,
}: {
  canary: ObservedCanary;
  by: number;
  mayFail: number;
  fails: (window: { requests: number; errors: number }) => boolean;
}): number | null {
  let failed = 0;
  const windows = merged({ windows: canary.windows, by });
  const { requests, errors } = windows.challenger;
  for (let index = 0; index < windows.count; index += 1) {
    if (fails({ requests: requests[index]!, errors: errors[index]! })) failed += 1;
    if (failed > mayFail) return (index + 1) * windows.size;
  }
  return null;
}

/**
 * An AnalysisTemplate of Argo Rollouts on the success rate of the canary alone: a measurement an interval, the run
 * fails when more than `failureLimit` of them failed (docs/features/analysis.md, "Background Analysis"). A window without requests to the canary is left out, which favours it: Argo would
 * call it an error.
 */
export const argoRule =
  ({ by, most, failureLimit }: { by: number; most: number; failureLimit: number }): Rule =>
  (canary) =>
    failedWindows({
      ...{ canary, by, mayFail: failureLimit },
      fails: ({ requests, errors }) => requests > 0 && errors / requests > most,
    });

/**
 * Flagger's request-success-rate: a check an interval, rolled back when `threshold` checks failed (docs/gitbook/usage/how-it-works.md, "Canary analysis"). A window without requests is a failed check
 * (pkg/controller/scheduler_metrics.go: "no values found").
 */
export const flaggerRule =
  ({ by, most, threshold }: { by: number; most: number; threshold: number }): Rule =>
  (canary) =>
    failedWindows({
      ...{ canary, by, mayFail: threshold - 1 },
      fails: ({ requests, errors }) => requests === 0 || errors / requests > most,
    });

/**
 * A plain e-process: the challenger's part of all errors against the share, mixed over a Beta prior, looked at after every error
 * (Johari et al. 2017; Howard et al. 2021, beta-binomial mixture).
 */
export const betaMixtureRule =
  ({ a, b, alpha, share }: { a: number; b: number; alpha: number; share: number }): Rule =>
  ({ errors }) => {
    const logBeta = (x: number, y: number): number => logGamma(x) + logGamma(y) - logGamma(x + y);
    const atStart = logBeta(a, b);
    let challenger = 0;
    for (const [index, error] of errors.entries()) {
      challenger += Number(error.challenger);
      const others = index + 1 - challenger;
      const atNull = challenger * Math.log(share) + others * Math.log(1 - share);
      if (logBeta(a + challenger, b + others) - atStart - atNull >= -Math.log(alpha)) return error.request;
    }
    return null;
  };

/** Our guard on errors, one look an error, with all clocks or with the canary's start alone. */
export const guardRule =
  ({
    alpha,
    share,
    clocks,
    requestsAnHour,
  }: {
    alpha: number;
    share: number;
    clocks: boolean;
    requestsAnHour: number;
  }): Rule =>
  ({ errors }) => {
    const test = guardTest({ direction: 'higher', margin: 0, alpha });
    let state = startGuard({ test, clocks });
    let challenger = 0;
    for (const [index, error] of errors.entries()) {
      challenger += Number(error.challenger);
      const counts = [{ revision: 1, share, challenger, champion: index + 1 - challenger }];
      state = advanceGuard({
        state,
        test,
        seconds: (error.request * 3600) / requestsAnHour,
        counts,
        keys: error.request,
        repeated: 0,
      });
      if (state.decided) return error.request;
    }
    return null;
  };
