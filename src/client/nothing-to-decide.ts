import type { Progress } from '../contracts/release.js';

/** Somebody decides on a release that asks nothing now. */
export class NothingToDecide extends Error {
  override readonly name = 'NothingToDecide';
  /** @param stage where the release is; null where no such release runs */
  constructor({ releaseId, stage }: { releaseId: string; stage: string | null }) {
    super(
      stage === null
        ? `${releaseId} is no release that runs; "understudy status" names those that do`
        : `${releaseId} waits for no decision now; its stage is ${stage}`,
    );
  }
}

/**
 * The digest of the evidence that a release shows to those who are to decide.
 * @throws NothingToDecide when it shows none.
 */
export function shownDigest({ releaseId, progress }: { releaseId: string; progress: Progress | null }): string {
  const digest = progress?.waiting?.evidenceDigest;
  if (!digest) throw new NothingToDecide({ releaseId, stage: progress?.stage ?? null });
  return digest;
}
