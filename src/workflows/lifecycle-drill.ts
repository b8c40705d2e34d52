import { ApplicationFailure, log, workflowInfo } from '@temporalio/workflow';
import type { Drill, DrillResult } from '../contracts/lifecycle.js';
import type { KeptRelease } from '../domain/release/lifecycle-state.js';
import { nextEpoch, type PlanOwner } from '../domain/rollout/traffic-plan.js';
import { activitiesFor } from './activity-options.js';
import type { StateHolder } from './lifecycle-rollback.js';
import { nowIso } from './progress.js';
import { rootMessage } from './root-message.js';

/** Of the plan that a drill rolls back: should everything die, its share is gone this soon. */
const leaseMilliseconds = 60_000;

/**
 * Rehearses a rollback while nothing else is going on: a share goes to a challenger that is the champion itself, so that
 * nobody notices, and is taken back at once. What is measured is how long the gateways take to go by a plan.
 * @throws ApplicationFailure `NotNow` while a release runs or before the first champion.
 */
export async function rehearseRollback({
  model,
  message: { share, by, reason },
  state,
}: {
  model: string;
  message: Drill;
  state: StateHolder;
}): Promise<DrillResult> {
  const { running, champion } = state.current;
  if (!champion)
    throw ApplicationFailure.nonRetryable(`${model} has no champion, so there is nothing to rehearse`, 'NotNow');
  if (running)
    throw ApplicationFailure.nonRetryable(
      `${running.releaseId} is running and owns the traffic; a drill waits until it has ended`,
      'NotNow',
    );
  state.current = { ...state.current, epoch: nextEpoch(state.current.epoch) };
  const owner: PlanOwner = { workflowId: workflowInfo().workflowId, epoch: state.current.epoch };
  const told = `drill by ${by}: ${reason}`;
  const traffic = (summary: string) => activitiesFor({ profile: 'trafficChange', queue: 'traffic', summary });
  const brief = (summary: string) => activitiesFor({ profile: 'briefCall', queue: 'orchestration', summary });
  const measured = (input: { revision: number; evidenceAt: string; planAt: string }) =>
    brief('wait for the gateways').measureRollback({
      model,
      releaseId: champion.releaseId,
      rehearsal: true,
      ...input,
    });
  try {
    const plan = await traffic(`rehearse with ${share * 100} %`).writePlan({
      model,
      owner,
      leaseMilliseconds,
      change: {
        challenger: champion.target,
        challengerShare: share,
        reason: `${told} (the share is the champion's too)`,
      },
    });
    await measured({ revision: plan.revision, evidenceAt: plan.at, planAt: plan.at });
  } catch (error) {
    log.error('the drill could not begin', { error: rootMessage(error) });
    await takeBack({ model, owner, champion, told, traffic });
    throw error;
  }
  const evidenceAt = nowIso();
  const back = await takeBack({ model, owner, champion, told, traffic });
  return await measured({ revision: back.revision, evidenceAt, planAt: back.at });
}

async function takeBack({
  model,
  owner,
  champion,
  told,
  traffic,
}: {
  model: string;
  owner: PlanOwner;
  champion: KeptRelease;
  told: string;
  traffic: (summary: string) => Pick<ReturnType<typeof activitiesFor>, 'restoreChampion'>;
}): Promise<{ revision: number; at: string }> {
  const written = await traffic(`all traffic to ${champion.releaseId}`).restoreChampion({
    model,
    owner,
    champion: champion.target,
    reason: `${told}: taken back`,
  });
  if (written) return written;
  throw ApplicationFailure.nonRetryable(`${model} has no traffic plan, so there is nothing to rehearse`, 'NotNow');
}
