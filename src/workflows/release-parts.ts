import type { Gathered } from '../contracts/recording.js';
import { searchAttributes, workflowIds } from '../contracts/names.js';
import type { ReleaseInput, Waiting } from '../contracts/release.js';
import { shownDetails } from '../contracts/shown-text.js';
import { ownerName } from '../domain/audit/cause.js';
import type { Stage } from '../domain/release/kinds.js';
import type { KeptRelease } from '../domain/release/lifecycle-state.js';
import type { PlanOwner } from '../domain/rollout/traffic-plan.js';
import { activitiesFor } from './activity-options.js';
import type { Compensations } from './compensation.js';
import { rootMessage } from './root-message.js';

/** What a release's children can be found by; `stage` is where they begin. */
export const childAttributes = ({ model, releaseId, trigger }: ReleaseInput, stage: Stage) => [
  { key: searchAttributes.model, value: model },
  { key: searchAttributes.release, value: releaseId },
  { key: searchAttributes.trigger, value: trigger },
  { key: searchAttributes.stage, value: stage },
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

/** The retrieval index that a release serves with: its own, its candidate's, or the champion's. */
export const indexVersionOf = ({ indexVersion, candidate, champion }: ReleaseInput): string | null =>
  indexVersion ?? (candidate ? candidate.indexVersion : (champion?.target.indexVersion ?? null));

/** Of what a release is asked with, in training and evaluation; empty where it answers without an index. */
export const askedIndex = (indexVersion: string | null): { indexVersion?: string } =>
  indexVersion === null ? {} : { indexVersion };

/** Whether a rollout was begun, right after the version was registered, that did not end by itself. */
export const isRolloutLost = ({ version, rolledOut }: Pick<Gathered, 'version' | 'rolledOut'>): boolean =>
  version !== null && rolledOut === null;

/** What of a release's cost it knows itself, in US dollars. */
export const costOf = ({ training, rolledOut }: Pick<Gathered, 'training' | 'rolledOut'>): number =>
  Object.values(rolledOut?.costUsd ?? {}).reduce((sum, usd) => sum + usd, training?.costUsd ?? 0);

/** What a release whose record could not be written says instead. */
export const noRecord =
  (costUsd: number) =>
  (error: unknown): { record: null; missing: string[]; costUsd: number } => ({
    ...{ record: null, costUsd },
    missing: [`no record was written: ${rootMessage(error)}`],
  });

/** Gives the champion traffic and aliases back where the rollout can't do it itself any more. */
export function protectChampion({
  input: { model, releaseId, champion },
  owner,
  evidenceDigest,
  compensations,
}: {
  input: ReleaseInput;
  owner: PlanOwner;
  evidenceDigest: string;
  compensations: Compensations;
}): void {
  if (!champion) return;
  const cause = { actor: ownerName(owner), releaseId, evidenceDigest };
  const reason = `${releaseId}: the rollout did not end by itself`;
  const aliases = { model, champion: champion.version, challenger: null, step: `${releaseId}/lost`, reason, cause };
  const { moveAliases } = activitiesFor({
    profile: 'quickCall',
    queue: 'orchestration',
    summary: 'move the aliases back',
  });
  const { restoreChampion } = activitiesFor({
    profile: 'trafficChange',
    queue: 'traffic',
    summary: 'give the champion its traffic back',
  });
  compensations.add({ name: 'aliases', undo: () => moveAliases(aliases) });
  compensations.add({
    name: 'traffic',
    undo: () => restoreChampion({ model, owner, champion: champion.target, reason, cause }),
  });
}

/** What people read beside the rollout of a release in the UI. */
export const rolloutDetails = ({ champion, requestedBy, reasons }: ReleaseInput): string =>
  shownDetails(
    `Wants to replace ${champion?.releaseId ?? 'nothing: it is the first'}. Asked for by ${requestedBy.join(', ')}: ${reasons.join('; ')}`,
  );
