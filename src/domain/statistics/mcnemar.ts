import { binomialTest } from './distributions.js';
import type { PairedCases } from './paired-cases.js';

export interface McNemar {
  /** Cases that only the champion, and only the challenger, got right. */
  onlyChampion: number;
  onlyChallenger: number;
  /** Exact, two-sided. */
  pValue: number;
}

/**
 * Exact McNemar test of a yes/no metric (McNemar 1947; exact conditional form as in Fagerland, Lydersen and Laake 2013).
 * It knows nothing of clusters, so it answers null where cases share one, and where a score is not 0 or 1.
 */
export function exactMcNemar({ pairs, clustered }: Pick<PairedCases, 'pairs' | 'clustered'>): McNemar | null {
  const yesNo = pairs.every(({ champion, challenger }) => isYesNo(champion) && isYesNo(challenger));
  if (clustered || !yesNo || pairs.length === 0) return null;
  const onlyChampion = pairs.filter((pair) => pair.champion > pair.challenger).length;
  const onlyChallenger = pairs.filter((pair) => pair.champion < pair.challenger).length;
  const trials = onlyChampion + onlyChallenger;
  return {
    onlyChampion,
    onlyChallenger,
    pValue: trials === 0 ? 1 : binomialTest({ successes: onlyChampion, trials, p: 0.5 }),
  };
}

const isYesNo = (score: number): boolean => score === 0 || score === 1;
