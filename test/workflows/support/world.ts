import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { approvalEntry } from '../../../src/activities/approval-audit.js';
import type { Activities } from '../../../src/activities/index.js';
import { systemClock } from '../../../src/activities/clock.js';
import { createPauseActivities, readPause } from '../../../src/activities/pauses.js';
import { createTrafficActivities } from '../../../src/activities/traffic.js';
import type { OpenedLifecycle } from '../../../src/activities/lifecycle-opening.js';
import type { CandidateAnswer } from '../../../src/activities/promotions.js';
import type { AuditEntry, ServedRelease } from '../../../src/activities/ports.js';
import { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';
import { StoreRouter } from '../../../src/adapters/store-router/store-router.js';
import type { EvaluationResult } from '../../../src/contracts/release.js';
import type { CloseReleaseInput } from '../../../src/contracts/recording.js';
import type { LoadResult } from '../../../src/contracts/load.js';
import type { WatchShadowResult } from '../../../src/contracts/shadow.js';
import type { StepAssessment, WatchResult } from '../../../src/contracts/watch.js';
import { rolloutSpecSchema } from '../../../src/domain/spec/rollout-spec.js';
import type { Remains } from '../../../src/domain/release/remains.js';
import type { Verdict, VerdictKind } from '../../../src/domain/release/verdict.js';
import type { TrafficPlan } from '../../../src/domain/rollout/traffic-plan.js';
import { fakeCleaning } from './fake-cleaning.js';

const notAsked = (): never => {
  throw new Error('no release indexes');
};
const indexingFakes = {
  openIndex: notAsked,
  stageIndex: notAsked,
  indexBatch: notAsked,
  checkIndex: notAsked,
  switchIndex: notAsked,
};

export const ref = (name: string) => ({ uri: `store://${name}`, sha256: 'a'.repeat(64), bytes: 1 });

export const verdict = (kind: VerdictKind, reason = `${kind} for the test`): Verdict => ({
  gate: 'test',
  verdict: kind,
  reason,
  value: null,
  bound: null,
  limit: null,
  n: 1,
  evidence: null,
});

const evidenceDigest = 'e'.repeat(64);

/** What the outside says when it is asked; a function sees the release id. */
export interface Script {
  rollout?: Record<string, unknown>;
  evaluation?: (releaseId: string) => VerdictKind;
  /** Why a person has to approve what was evaluated. */
  halts?: string[];
  /** How a release is served, where it is not as all are. */
  served?: Partial<ServedRelease>;
  smoke?: (releaseId: string) => VerdictKind;
  step?: (releaseId: string, share: number) => Partial<StepAssessment>;
  bake?: () => Verdict;
  watch?: (releaseId: string) => Promise<WatchResult> | WatchResult;
  load?: () => Partial<LoadResult>;
  shadow?: (revision: number) => WatchShadowResult;
  /** Of the spec, what the lifecycle goes by. */
  settings?: Partial<OpenedLifecycle['settings']>;
  /** What the registry says of a version. */
  candidate?: (version: string) => CandidateAnswer | null;
  /** What an earlier lifecycle left behind; nothing where absent. */
  remains?: Omit<Remains, 'paused'>;
  /** A champion that runs still, whose end `remains` waits for. */
  unrecorded?: string;
  /** Why an activity fails for good; a promise holds it until then. */
  fail?: (activity: string, input: unknown) => string | null | Promise<string | null>;
}

/**
 * An outside world for workflow tests: real traffic plans in a real store, everything else answers at once as the
 * script says. `calls` is what was asked of it, in order.
 */
export async function createWorld(script: Script = {}) {
  const root = await mkdtemp(join(tmpdir(), 'understudy-world-'));
  const store = new DirectoryStore({ root });
  const router = new StoreRouter({ store });
  const calls: { name: string; input: unknown }[] = [];
  const plans: TrafficPlan[] = [];
  const served = new Set<string>();
  const jobs = new Map<string, 'running' | 'done' | 'stopped'>();
  const aliases: Record<string, string | null> = {};
  const closed: CloseReleaseInput[] = [];
  /** Releases whose records tell that users were taken off them. */
  const withdrawn: string[] = [];
  const audited: AuditEntry[] = [];
  const audit = {
    append: async ({ entry }: { entry: AuditEntry }) => {
      const found = audited.findIndex((one) => one.key === entry.key);
      const sequence = found === -1 ? audited.push(entry) : found + 1;
      return { sequence, entry: audited[sequence - 1]! };
    },
  };
  const recordingRouter = {
    read: (input: { model: string }) => router.read(input),
    renewLease: router.renewLease.bind(router),
    write: async (input: Parameters<StoreRouter['write']>[0]) => {
      const plan = await router.write(input);
      if (plans.at(-1)?.revision !== plan.revision) plans.push(plan);
      return plan;
    },
  };
  const evaluated = (releaseId: string): EvaluationResult => {
    const kind = script.evaluation?.(releaseId) ?? 'pass';
    const { halts = [] } = script;
    return { verdict: kind, verdicts: [verdict(kind)], evidence: ref('evidence.json'), evidenceDigest, halts };
  };
  const settings = {
    cooldownMilliseconds: 0,
    monthlyBudgetUsd: null,
    keepReleases: 3,
    quietHours: null,
    ...script.settings,
  };
  const spentUsd = { month: '2026-01', usd: 0 };
  const nothing = { releaseCount: 0, epoch: 0, champion: null, previous: [], ended: [], spentUsd, unfinished: null };
  const fakes: Activities = {
    ...createTrafficActivities({ store, router: recordingRouter, audit, clock: systemClock }),
    ...createPauseActivities({ store, audit }),
    openLifecycle: async ({ model, ended }) =>
      script.unrecorded !== undefined && script.unrecorded !== ended
        ? { settings, remains: null, unrecorded: script.unrecorded }
        : {
            ...{ settings, unrecorded: null, served: [...served].filter((one) => one.startsWith(`${model}-r`)) },
            remains: { ...(script.remains ?? nothing), paused: await readPause({ store, model }) },
          },
    readSpecification: async ({ specification }) => ({ digest: specification.sha256, settings }),
    ...indexingFakes,
    openRelease: async () => ({
      runId: 'run',
      promptDigest: 'p',
      base: 'base',
      trainingDeadline: 'PT1H',
      rollout: rolloutSpecSchema.parse(script.rollout ?? {}),
    }),
    prepareDataset: async () => ({
      name: 'm',
      digest: 'd',
      read: 10,
      rows: 9,
      deadLettered: { unresolved: 1 },
      train: ref('train'),
      validation: ref('validation'),
      table: ref('table'),
      manifest: ref('manifest'),
    }),
    stageIngest: async () => ({ stage: ref('stage.json'), chunks: 3, read: 12 }),
    cleanIngestChunk: async () => undefined,
    publishIngest: async ({ date }) => ({ date, digest: 'd', read: 12, published: 11 }),
    clearIngest: async () => undefined,
    stageBatch: async () => ({ stage: ref('stage.json'), reason: '12 items', chunks: 2, due: 12, unchanged: 3 }),
    answerBatchChunk: async ({ most }) => ({
      ...{ summarised: 5, deadLettered: 1, tooFew: 0, calls: 7, repaired: 1, pairs: 0, atOnce: most },
    }),
    concludeBatch: async () => ({ moved: 12, expired: 0 }),
    clearBatch: async () => undefined,
    startTraining: async ({ jobName }) => {
      if (!jobs.has(jobName)) jobs.set(jobName, 'running');
    },
    watchTraining: async ({ jobName }) => {
      jobs.set(jobName, 'done');
      return { steps: 1, seconds: 1 };
    },
    collectTraining: async () => ({
      adapter: ref('adapter'),
      files: [],
      metrics: {},
      rows: 9,
      truncatedRows: 0,
      seconds: 1,
      costUsd: 2,
    }),
    stopTraining: async ({ jobName }) => {
      if (jobs.get(jobName) === 'running') jobs.set(jobName, 'stopped');
    },
    deployRelease: async ({ releaseId }) => {
      served.add(releaseId);
      const addresses = { endpoint: 'http://127.0.0.1:1/v1', liveEndpoint: 'http://127.0.0.1:2/v1' };
      return { ...addresses, adapter: releaseId, ...script.served };
    },
    retireRelease: async ({ model, releaseId }) => {
      const plan = await router.read({ model });
      if (plan?.champion.releaseId === releaseId)
        throw ApplicationFailure.nonRetryable(`${releaseId} serves the users`, 'PlanFenced');
      served.delete(releaseId);
    },
    smokeTest: async ({ releaseId }) => [verdict(script.smoke?.(releaseId) ?? 'pass')],
    openEvaluation: async () => ({ looks: null, probes: { challenger: null, champion: null } }),
    verifyApprover: async ({ token }) =>
      token === 'good' ? { roles: ['approver'] } : { problem: `${token} proves nobody` },
    generateAnswers: async () => ref('answers'),
    planEvaluation: async () => ({ attempt: 1, refusal: null, warnings: [] }),
    judgeAnswers: async () => ({ scores: ref('judged'), judging: ref('judging') }),
    takeLook: async ({ part }) => ({ index: part!.index, stop: null, reason: 'going on', verdict: 'inconclusive' }),
    decideEvaluation: async ({ releaseId }) => evaluated(releaseId),
    registerVersion: async ({ releaseId }) => ({ version: `version of ${releaseId}` }),
    moveAliases: async ({ champion, challenger }) => void Object.assign(aliases, { champion, challenger }),
    readFeedback: async () => ({ bad: [], sentences: [] }),
    findPromotions: async () => [],
    readCandidate: async ({ version }) =>
      script.candidate ? script.candidate(version) : { by: 'ann', problem: `no version ${version}` },
    answerPromotion: async () => undefined,
    retireModel: async ({ releases }) => releases.forEach((releaseId) => served.delete(releaseId)),
    auditApprovals: async ({ releaseId, approvals }) => {
      for (const approval of approvals) await audit.append({ entry: approvalEntry({ releaseId, approval }) });
    },
    sendNotification: async () => undefined,
    deliverNotification: async () => ({ heldUntil: null }),
    assessStep: async ({ releaseId, step }) => ({
      verdict: 'pass',
      reason: 'test',
      verdicts: [verdict('pass')],
      keys: 1000,
      leaseLapsed: false,
      evidenceDigest: 's'.repeat(64),
      ...script.step?.(releaseId, step.share),
    }),
    assessBake: async () => {
      const baked = script.bake?.() ?? verdict('pass');
      const { verdict: kind, reason } = baked;
      return {
        verdict: kind,
        reason,
        verdicts: [baked],
        leaseLapsed: baked.gate === 'lease',
        evidenceDigest: 'b'.repeat(64),
      };
    },
    measureRollback: async ({ evidenceAt, planAt, revision }) => ({
      ...{ evidenceAt, planAt, revision, seconds: 1.2 },
      gateways: [{ gateway: 'g1', at: planAt }],
    }),
    runLoadTest: async () => ({
      ...{ verdict: 'pass', reason: 'fast', verdicts: [verdict('pass')], kept: 30, knee: null },
      ...{ evidence: ref('load.json'), evidenceDigest: 'l'.repeat(64) },
      ...script.load?.(),
    }),
    watchShadow: async ({ revision }) =>
      script.shadow?.(revision) ?? {
        ...{ kind: 'decided', verdict: 'pass', reason: 'as good', verdicts: [verdict('pass')] },
        ...{ evidence: ref('shadow.json'), evidenceDigest: 'd'.repeat(64), costUsd: 0.5 },
      },
    watchGuards: async ({ releaseId }) => (await script.watch?.(releaseId)) ?? { kind: 'slice' },
    endLostRelease: fakeCleaning({ router, served, jobs, aliases }),
    listSweptModels: async () => [],
    findOrphans: async () => ({ orphans: [], fresh: [] }),
    removeOrphans: async () => ({ removed: [] }),
    closeRelease: async (input) => {
      closed.push(input);
      return { record: ref('record.json') };
    },
    recordWithdrawal: async ({ withdrawal: { releaseId } }) => void withdrawn.push(releaseId),
    readReleaseStart: async () => null,
    awaitRelease: async () => {
      throw ApplicationFailure.nonRetryable('not in this world', 'ReleaseLost');
    },
  };
  const activities = Object.fromEntries(
    Object.entries(fakes).map(([name, activity]) => [
      name,
      async (input: never) => {
        calls.push({ name, input });
        const failure = await script.fail?.(name, input);
        if (failure) throw ApplicationFailure.nonRetryable(failure, 'Scripted');
        return await (activity as (input: never) => Promise<unknown>)(input);
      },
    ]),
  ) as unknown as Activities;
  return {
    activities,
    root,
    store,
    calls,
    plans,
    served,
    jobs,
    aliases,
    closed,
    withdrawn,
    audited,
    evidenceDigest,
    router: recordingRouter,
    names: () => calls.map((call) => call.name),
    dispose: () => rm(root, { recursive: true, force: true }),
  };
}
export type World = Awaited<ReturnType<typeof createWorld>>;
