import type { Outcome } from '../release/kinds.js';

/** A release's word that it serves a version of an index, or may yet. */
export interface VersionHold {
  model: string;
  releaseId: string;
  /** Which release of its model it is. */
  number: number;
  version: string;
  /** How many promoted releases beside the champion can be gone back to. */
  keepReleases: number;
}

/** How a release ended; null while it runs. */
export type HoldEnding = { outcome: Outcome; withdrawn: boolean } | null;

/**
 * Whether a version must still be there for a release: it runs, or it was promoted and is the champion or one that can be
 * gone back to. `later` are the holds of newer releases of the model, with their endings.
 */
export function isHoldNeeded({
  hold: { keepReleases },
  ending,
  later,
}: {
  hold: VersionHold;
  ending: HoldEnding;
  later: readonly HoldEnding[];
}): boolean {
  // A model's releases run one after the other: one without an end that has a successor was lost.
  if (ending === null) return later.length === 0;
  const isPromoted = (one: HoldEnding): boolean => one !== null && one.outcome === 'promoted' && !one.withdrawn;
  return isPromoted(ending) && later.filter(isPromoted).length <= keepReleases;
}
