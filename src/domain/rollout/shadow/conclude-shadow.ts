import { worstVerdict, type Verdict, type VerdictKind } from '../../release/verdict.js';
import { shadowGates, type JudgeRole, type ShadowLimits } from './shadow-gates.js';
import type { ShadowRow } from './shadow-row.js';

export interface ShadowConclusion {
  verdict: VerdictKind;
  /** Whether the shadow ends here; while it does not, `verdict` is what it would be. */
  ends: boolean;
  reason: string;
  verdicts: Verdict[];
}

/**
 * Whether the shadow ends. A shown loss ends it at once. A win ends it once there are enough pairs and a judge who may
 * decide has shown it. Otherwise it lasts as long as the spec says: without a judge only harm is looked for, and harm may
 * show late.
 * @param over whether its time is over.
 */
export function concludeShadow({
  rows,
  limits,
  judge,
  over,
}: {
  rows: readonly ShadowRow[];
  limits: ShadowLimits;
  judge: JudgeRole;
  over: boolean;
}): ShadowConclusion {
  const verdicts = shadowGates({ rows, limits, judge });
  const verdict = worstVerdict(verdicts);
  const won = verdict === 'pass' && judge?.decides === true;
  const reason = verdicts
    .filter((one) => one.verdict === verdict && !one.informs)
    .map((one) => `${one.gate}: ${one.reason}`)
    .join('; ');
  const without = judge?.decides
    ? ''
    : `; ${judge === null ? 'no judge compared the answers' : `the judge decided nothing (${judge.reason})`}, so only harm was looked for`;
  return { verdict, ends: over || won || verdict === 'fail', reason: `${reason}${without}`, verdicts };
}
