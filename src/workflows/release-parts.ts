import type { Gathered } from '../contracts/recording.js';
import { searchAttributes, workflowIds } from '../contracts/names.js';
import type { ReleaseInput, Waiting } from '../contracts/release.js';
import type { KeptRelease } from '../domain/release/lifecycle-state.js';
import { rootMessage } from './root-message.js';

/** What a release's children can be found by. */
export const childAttributes = ({ model, releaseId, trigger }: ReleaseInput) => [
  { key: searchAttributes.model, value: model },
  { key: searchAttributes.release, value: releaseId },
  { key: searchAttributes.trigger, value: trigger },
];

/** What a release waits for once its rollout tells the story. */
export const itsRollout = (releaseId: string): Waiting => ({
  for: 'its rollout',
  how: `Workflow \`${workflowIds.rollout(releaseId)}\` shows the stage and takes the answers.`,
  evidenceDigest: null,
  until: null,
});

/** What serves from now on; null unless the release was promoted and still stands. */
export function keptRelease({
  input,
  gathered,
  base,
  promotedAt,
}: {
  input: ReleaseInput;
  gathered: Gathered;
  base: string;
  promotedAt: string;
}): KeptRelease | null {
  const { rolledOut, target, version } = gathered;
  if (rolledOut?.outcome !== 'promoted' || rolledOut.withdrawnAt !== null || !target || !version) return null;
  return {
    releaseId: input.releaseId,
    version,
    target,
    base,
    adapter: gathered.adapter ?? input.champion?.adapter ?? null,
    specification: input.specification,
    promotedAt,
  };
}

/** What a release has cost in all, in US dollars. */
export const costOf = ({ training, rolledOut }: Pick<Gathered, 'training' | 'rolledOut'>): number =>
  Object.values(rolledOut?.costUsd ?? {}).reduce((sum, usd) => sum + usd, training?.costUsd ?? 0);

/** What a release whose record could not be written says instead. */
export const noRecord = (error: unknown): { record: null; missing: string[] } => ({
  record: null,
  missing: [`no record was written: ${rootMessage(error)}`],
});
