import { formatNumber } from '../statistics/format.js';
import type { Verdict } from './verdict.js';

/**
 * A failure with what it would take to pass: its bound has to move to the limit, and moves with the score. The other
 * verdicts say so in their own reasons, as cases or labels that are missing.
 */
export function withWhatWouldChange(verdict: Verdict): Verdict {
  const { verdict: kind, bound, limit, reason } = verdict;
  if (kind !== 'fail' || bound === null || limit === null || bound === limit) return verdict;
  return { ...verdict, reason: `${reason}; about ${formatNumber(Math.abs(limit - bound))} better would pass` };
}
