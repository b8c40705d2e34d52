import type { ArtifactRef } from '../artifact-ref.js';
import type { KeptRelease, LifecycleState } from './lifecycle-state.js';

/** The release in whose folder of the store a file lies; null for any other file. */
const releaseOfRef = ({ uri }: Pick<ArtifactRef, 'uri'>): string | null =>
  /^store:\/\/releases\/([^/]+)\//.exec(uri)?.[1] ?? null;

const named = (refs: readonly (ArtifactRef | null)[]): string[] =>
  refs.flatMap((ref) => (ref ? (releaseOfRef(ref) ?? []) : []));

/**
 * Every release that a model's lifecycle may still serve or ask: its champion, those it may go back to, the one that
 * runs, those that wait, and the releases whose adapters any of them serves.
 * @param kept what the records say may serve again; more than the lifecycle keeps does no harm.
 */
export function neededReleases({
  state,
  kept,
}: {
  state: LifecycleState;
  kept: readonly KeptRelease[];
}): ReadonlySet<string> {
  const { champion, previous, running, queue } = state;
  const serving = [champion, ...previous, ...kept].flatMap((one) => one ?? []);
  const waiting = [running, ...queue].flatMap((one) => one ?? []);
  const candidates = waiting.flatMap(({ candidate }) => candidate ?? []);
  return new Set([
    ...serving.flatMap(({ releaseId, target }) => [releaseId, target.releaseId]),
    ...waiting.map(({ releaseId }) => releaseId),
    ...candidates.map(({ releaseId }) => releaseId),
    ...named([...serving, ...candidates].map(({ adapter }) => adapter)),
  ]);
}
