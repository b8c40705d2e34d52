import { isDeepStrictEqual } from 'node:util';
import type { Client } from '@temporalio/client';
import { verifyAudit } from '../../src/adapters/store-audit/verify-audit.js';
import type { ArtifactStore } from '../../src/activities/ports.js';
import { storeKeys } from '../../src/contracts/store-keys.js';
import type { LifecycleState } from '../../src/domain/release/lifecycle-state.js';
import { releaseRecordSchema, type ReleaseRecord } from '../../src/domain/release/release-record.js';
import type { TrafficPlan } from '../../src/domain/rollout/traffic-plan.js';
import type { SeenRelease } from './model-story.js';
import { leaseSeconds } from './specification.js';
import { releaseOfRun } from './world/outside.js';
import type { World } from './world/world.js';

/** A worker may need so long to look, and a gateway to notice. */
const slackMilliseconds = 4000;

export interface ModelEnd {
  model: string;
  state: LifecycleState;
  releases: readonly SeenRelease[];
}

interface Checking {
  world: Pick<World, 'store' | 'outside' | 'plans'> & { gateways: Pick<World['gateways'], 'exposures'> };
  end: ModelEnd;
  /** When each release began to write its record. */
  closedAt: ReadonlyMap<string, number>;
}

async function recordOf({ world }: Checking, releaseId: string): Promise<ReleaseRecord | null> {
  const stored = await world.store.get({ key: storeKeys.record({ releaseId }) });
  return stored && releaseRecordSchema.parse(JSON.parse(Buffer.from(stored.body).toString()));
}

/** A lease is renewed without a new revision; nothing else of one ever changes. */
const withoutTime = (plan: TrafficPlan): TrafficPlan => ({
  ...plan,
  lease: plan.lease && { ...plan.lease, until: '' },
});

function* trafficProblems({ world, end: { model, state } }: Checking): Generator<string> {
  const plans = world.plans.get(model) ?? [];
  for (const [index, plan] of plans.entries()) {
    const before = plans[index - 1];
    const revision = before?.revision ?? 0;
    if (before?.revision === plan.revision) {
      if (!isDeepStrictEqual(withoutTime(before), withoutTime(plan)))
        yield `plan revision ${revision} was overwritten: "${before.reason}" by "${plan.reason}"`;
    } else if (plan.revision !== revision + 1) yield `plan revision ${plan.revision} follows ${revision}`;
  }
  const last = plans.at(-1);
  if (!last) return;
  if (last.challenger !== null || last.challengerShare > 0 || last.mirrorShare > 0)
    yield `the last plan still names ${last.challenger?.releaseId}, share ${last.challengerShare}, mirror ${last.mirrorShare}`;
  if (last.champion.releaseId !== state.champion?.releaseId)
    yield `the plan's champion is ${last.champion.releaseId}, the lifecycle's ${state.champion?.releaseId}`;
}

const isPromotionOf = ({ plan, releaseId }: { plan: TrafficPlan; releaseId: string }): boolean =>
  plan.reason === `${releaseId}: first champion` ||
  (plan.reason.startsWith(`${releaseId}: promoted`) && !plan.reason.includes(', start'));

/**
 * The plans that promoted a release. One whose writer heard nothing of it until its lease had lapsed is written again:
 * the champion served alone by then, so that the release is promoted by the second plan only.
 */
function promotionsOf({ plans, releaseId }: { plans: readonly TrafficPlan[]; releaseId: string }): TrafficPlan[] {
  const lastOf = new Map(plans.map((plan) => [plan.revision, plan]));
  const promotions = [...lastOf.values()].filter((plan) => isPromotionOf({ plan, releaseId }));
  return promotions.filter((plan, index) => {
    const next = promotions[index + 1];
    return next?.revision !== plan.revision + 1 || !plan.lease || plan.lease.until > next.at;
  });
}

function* promotionProblems({ world, end: { model, state, releases } }: Checking): Generator<string> {
  for (const { releaseId } of releases) {
    const promotions = promotionsOf({ plans: world.plans.get(model) ?? [], releaseId });
    const told = promotions.map(({ revision, at, lease }) => `${revision} at ${at}, lease until ${lease?.until}`);
    if (promotions.length > 1) yield `${releaseId} was promoted ${promotions.length} times: by plan ${told.join('; ')}`;
  }
  const alias = world.outside.aliases.get(`${model}/champion`)?.at(-1) ?? null;
  if (alias !== (state.champion?.version ?? null))
    yield `the alias champion is version ${alias}, the lifecycle's ${state.champion?.version}`;
}

const isOf =
  (model: string) =>
  (releaseId: string): boolean =>
    releaseId.startsWith(`${model}-r`);

/** Whatever a job or a version is named: each release that has trained or was registered has one, and nobody else has. */
function* creationProblems({ world: { outside }, end: { model, releases } }: Checking): Generator<string> {
  const asked = new Set(releases.map(({ releaseId }) => releaseId));
  const jobs = [...outside.jobs].map(([name, { releaseId }]) => ({ name: `training job ${name}`, releaseId }));
  const versions = [...outside.versions].map(([name, { runId }]) => ({
    ...{ name: `model version ${name}`, releaseId: releaseOfRun(runId) },
  }));
  for (const [name, { releaseId, state }] of outside.jobs)
    if (isOf(model)(releaseId) && state === 'running') yield `training job ${name} is still running`;
  for (const made of [jobs, versions]) {
    for (const releaseId of new Set(made.map((one) => one.releaseId).filter(isOf(model)))) {
      const all = made.filter((one) => one.releaseId === releaseId);
      const names = all.map(({ name }) => name).join(', ');
      if (all.length > 1) yield `${releaseId} has more than one: ${names}`;
      if (!asked.has(releaseId)) yield `${names} belongs to ${releaseId}, which nobody has asked for`;
    }
  }
}

function* orphanProblems({ world: { outside }, end: { model, state } }: Checking): Generator<string> {
  for (const [runId, { ended }] of outside.runs)
    if (isOf(model)(releaseOfRun(runId)) && !ended) yield `the run of ${releaseOfRun(runId)} has not ended`;
  for (const [releaseId, whose] of outside.served)
    if (whose === model && releaseId !== state.champion?.releaseId)
      yield `${releaseId} is still served, and is not the champion`;
  if (state.champion && !outside.served.has(state.champion.releaseId))
    yield `the champion ${state.champion.releaseId} is not served`;
}

async function* endingProblems(checking: Checking): AsyncGenerator<string> {
  const { world, end, closedAt } = checking;
  for (const { releaseId, ended, terminatedAt, deed } of end.releases) {
    if (!ended) {
      yield `${releaseId} did not end (deed: ${deed})`;
      continue;
    }
    const remembered = end.state.ended.find((one) => one.releaseId === releaseId);
    const record = await recordOf(checking, releaseId);
    if (!record) yield `${releaseId} has no record (deed: ${deed})`;
    else if (record.reasons.length === 0 || record.reasons.some((reason) => reason.trim() === ''))
      yield `the record of ${releaseId} says ${record.outcome} without a reason`;
    if (record && remembered && record.outcome !== remembered.outcome)
      yield `${releaseId}: the record says ${record.outcome}, the lifecycle ${remembered.outcome}`;
    const over = Math.min(closedAt.get(releaseId) ?? Infinity, terminatedAt ?? Infinity);
    const exposure = world.gateways.exposures.get(releaseId);
    if (exposure && exposure.lastAt > over + leaseSeconds * 1000 + slackMilliseconds)
      yield `${releaseId} got traffic ${((exposure.lastAt - over) / 1000).toFixed(1)} s after its end, lease ${leaseSeconds} s`;
  }
}

/** Everything about one model that must hold however its releases went; empty where all does. */
export async function violationsOf(checking: Checking): Promise<string[]> {
  const { world, end } = checking;
  const audit = await verifyAudit({ store: world.store.port() as ArtifactStore, model: end.model });
  const endings: string[] = [];
  for await (const problem of endingProblems(checking)) endings.push(problem);
  return [
    ...trafficProblems(checking),
    ...promotionProblems(checking),
    ...creationProblems(checking),
    ...orphanProblems(checking),
    ...endings,
    ...audit.problems.map(({ key, problem }) => `audit: ${key} ${problem}`),
  ].map((violation) => `${end.model}: ${violation}`);
}

/** Workflows that run although no release does. */
export async function leftRunning({ client }: { client: Client }): Promise<string[]> {
  const running: string[] = [];
  for await (const one of client.workflow.list({ query: 'ExecutionStatus = "Running"' }))
    if (one.type !== 'modelLifecycle') running.push(one.workflowId);
  return running;
}
