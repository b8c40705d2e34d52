import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Workflow } from '@temporalio/workflow';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import { workflowIds } from '../../src/contracts/names.js';
import { releaseMessages, rolloutMessages } from '../../src/contracts/release.js';
import type { Outcome, ReleaseKind } from '../../src/domain/release/kinds.js';
import { feedbackWatch } from '../../src/workflows/feedback-watch.js';
import { modelLifecycle } from '../../src/workflows/model-lifecycle.js';
import { promotionWatch } from '../../src/workflows/promotion-watch.js';
import { scheduledTrigger } from '../../src/workflows/scheduled-trigger.js';
import { localEnvironment } from '../support/temporal.js';
import { onStage, type StageSet } from '../workflows/support/stage.js';
import { waitFor } from '../workflows/support/started-release.js';
import { ref, verdict, type Script } from '../workflows/support/world.js';
import { saveHistory } from './history-file.js';
import { accidents } from './record-accidents.js';
import { rareBranches } from './record-rare-branches.js';
import { recordSideWork, sideWork, untilCancelled } from './record-side-work.js';
import { recordStories } from './story.js';

/*
 * Records what the workflows of this version write into their histories: `npm run record-histories`, once before a
 * version goes out, or `npm run record-histories -- next` for what is on its way; stories that are named after that are
 * added to what stands there, such as `-- next lifecycle-overtaken`. The replay test holds every later version against
 * them.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const model = 'recorded';
const number = (releaseId: string): number => Number(releaseId.slice(releaseId.lastIndexOf('-r') + 2));

/** One release after the other, each towards the outcome it is named for. */
const releases: {
  outcome: Outcome;
  name: string;
  during?: (played: Played) => Promise<void>;
  /** What is asked for where that is no training. */
  asked?: { kind: ReleaseKind; indexVersion?: string } | { version: string };
}[] = [
  { name: 'first-promoted', outcome: 'promoted', during: approve },
  { name: 'promoted', outcome: 'promoted', during: approve },
  { name: 'rejected', outcome: 'rejected' },
  { name: 'rolled-back-by-guard', outcome: 'rolledBack', during: approve },
  { name: 'rolled-back-by-abort', outcome: 'rolledBack', during: abortInCanary },
  { name: 'cancelled-in-training', outcome: 'cancelled', during: cancelInTraining },
  { name: 'cancelled-in-approval', outcome: 'cancelled', during: cancelInApproval },
  { name: 'failed', outcome: 'failed' },
  { name: 'refused', outcome: 'rejected', during: refuse },
  { name: 'prompt', outcome: 'promoted', during: approve, asked: { kind: 'prompt' } },
  { name: 'serving', outcome: 'promoted', during: approve, asked: { kind: 'serving' } },
  { name: 'index', outcome: 'promoted', during: approve, asked: { kind: 'index', indexVersion: 'policies-7' } },
  { name: 'version', outcome: 'promoted', during: approve, asked: { version: '1' } },
];
const nameOf = (releaseId: string): string => releases[number(releaseId) - 1]!.name;

interface Played {
  environment: TestWorkflowEnvironment;
  releaseId: string;
}

const step = { share: '5%', duration: 'PT0.05S', maximum: 'PT3S' };
const script = (): Script => ({
  rollout: {
    load: { expectedPeak: '20/s' },
    shadow: { duration: '1m' },
    canary: { steps: [step, { ...step, share: '50%' }], onInconclusive: 'ask' },
    bake: { duration: 'PT0.05S' },
  },
  candidate: (version) =>
    version === '1'
      ? {
          by: 'ann',
          candidate: {
            ...{ releaseId: `${model}-r1`, version, adapter: ref('adapter'), indexVersion: null },
            specification: ref('spec'),
          },
        }
      : { by: 'ann', problem: `no release registered version ${version}` },
  evaluation: (releaseId) => (nameOf(releaseId) === 'rejected' ? 'fail' : 'pass'),
  step: (releaseId) =>
    nameOf(releaseId).startsWith('rolled-back') ? { verdict: 'inconclusive', reason: 'too few keys' } : {},
  watch: (releaseId) =>
    nameOf(releaseId) === 'rolled-back-by-guard'
      ? {
          kind: 'tripped',
          reason: 'error: e 140 >= 100',
          verdicts: [verdict('fail')],
          evidence: ref('trip'),
          rolledBackAt: '2026-01-01T00:00:00.000Z',
          revision: 1,
        }
      : { kind: 'slice' },
});

async function waiting({ environment, releaseId }: Played, stage: string): Promise<string> {
  const handle = environment.client.workflow.getHandle(workflowIds.rollout(releaseId));
  const progress = await waitFor(async () => {
    const told = await handle.query(rolloutMessages.progress).catch(() => null);
    return told?.stage === stage && told.waiting?.evidenceDigest ? told : null;
  });
  return progress.waiting!.evidenceDigest!;
}

/** One of the answers proves who gives it. */
const proofOf = ({ releaseId }: Played): { token?: string } =>
  nameOf(releaseId) === 'version' ? { token: 'good' } : {};

async function decide(played: Played, decision: 'approve' | 'reject'): Promise<void> {
  const evidenceDigest = await waiting(played, 'approval');
  await played.environment.client.workflow
    .getHandle(workflowIds.rollout(played.releaseId))
    .executeUpdate(rolloutMessages.decide, {
      args: [{ decision, by: 'bob', evidenceDigest, reason: 'read it', ...proofOf(played) }],
    });
}

async function approve(played: Played): Promise<void> {
  await decide(played, 'approve');
}

async function refuse(played: Played): Promise<void> {
  await decide(played, 'reject');
}

async function abortInCanary(played: Played): Promise<void> {
  await decide(played, 'approve');
  await waiting(played, 'canary');
  await played.environment.client.workflow
    .getHandle(workflowIds.rollout(played.releaseId))
    .signal(rolloutMessages.abort, { by: 'bob', reason: 'customers complain' });
}

async function cancel({ environment, releaseId }: Played): Promise<void> {
  await environment.client.workflow
    .getHandle(workflowIds.release(releaseId))
    .executeUpdate(releaseMessages.cancel, { args: [{ by: 'bob', reason: 'wrong data' }] });
}

async function cancelInTraining(played: Played): Promise<void> {
  const handle = played.environment.client.workflow.getHandle(workflowIds.release(played.releaseId));
  await waitFor(async () => ((await handle.query(releaseMessages.progress)).stage === 'training' ? true : null));
  await cancel(played);
}

async function cancelInApproval(played: Played): Promise<void> {
  await waiting(played, 'approval');
  await cancel(played);
}

/** Plays all releases under one lifecycle and writes what each of their workflows has in its history. */
async function record({
  environment,
  folder,
  set,
}: {
  environment: TestWorkflowEnvironment;
  folder: string;
  set: StageSet;
}) {
  const { workflow } = environment.client;
  const save = (workflowId: string, file: string, runId?: string): Promise<void> =>
    saveHistory({ client: workflow, folder, workflowId, runId, file });
  const lifecycle = await workflow.start(modelLifecycle, {
    workflowId: workflowIds.lifecycle(model),
    taskQueue: set.orchestration,
    args: [{ model, specification: ref('spec'), state: null }],
  });
  const { firstExecutionRunId } = lifecycle;
  for (const { name, outcome, during, asked = { kind: 'training' as const } } of releases) {
    const who = { reason: name, requestedBy: 'ann' };
    const { releaseId } =
      'version' in asked
        ? await lifecycle.executeUpdate(lifecycleMessages.requestRollout, { args: [{ ...asked, ...who }] })
        : await lifecycle.executeUpdate(lifecycleMessages.requestRelease, {
            args: [{ ...asked, ...who, priority: 'normal' as const }],
          });
    await waitFor(async () =>
      (await lifecycle.query(lifecycleMessages.describe)).running?.releaseId === releaseId ? true : null,
    );
    const handle = workflow.getHandle(workflowIds.release(releaseId!));
    await waitFor(() => handle.query(releaseMessages.progress).catch(() => null));
    await during?.({ environment, releaseId: releaseId! });
    const result = (await handle.result()) as { outcome: Outcome; reasons: string[] };
    if (result.outcome !== outcome) throw new Error(`${name} ended ${JSON.stringify(result)}, expected ${outcome}`);
    await waitFor(async () =>
      (await lifecycle.query(lifecycleMessages.describe)).ended.some((one) => one.releaseId === releaseId)
        ? true
        : null,
    );
    for (const kind of ['release', 'evaluation', 'rollout', 'load', 'shadow'] as const) {
      const workflowId = workflowIds[kind](releaseId!);
      const exists = await workflow
        .getHandle(workflowId)
        .describe()
        .then(Boolean, () => false);
      if (exists) await save(workflowId, `${kind}-${name}.json`);
    }
    process.stdout.write(`${name}: ${outcome}\n`);
  }
  await lifecycle.executeUpdate(lifecycleMessages.rollback, { args: [{ to: null, reason: 'complaints', by: 'bob' }] });
  await lifecycle.executeUpdate(lifecycleMessages.drill, {
    args: [{ share: 0.05, reason: 'quarterly', by: 'bob' }],
  });
  await lifecycle.executeUpdate(lifecycleMessages.pause, { args: [{ reason: 'holiday', by: 'bob' }] });
  await lifecycle.executeUpdate(lifecycleMessages.resume, { args: [{ by: 'bob' }] });
  // What asks now is carried over with the queue.
  await lifecycle.executeUpdate(lifecycleMessages.pause, { args: [{ reason: 'holiday again', by: 'bob' }] });
  const watches = {
    'scheduled-trigger': { workflow: scheduledTrigger, args: [{ model }] },
    'promotion-watch': { workflow: promotionWatch, args: [] },
    'feedback-watch': { workflow: feedbackWatch, args: [{ model, specification: ref('spec') }] },
  };
  for (const [name, { workflow: watch, args }] of Object.entries(watches)) {
    await workflow.execute(watch as Workflow, { workflowId: name, taskQueue: set.orchestration, args });
    await save(name, `${name}-asked.json`);
  }
  const alert = { kind: 'drift', severity: 'info' as const, category: null, evidence: '' };
  const isNew = async () => (await workflow.getHandle(lifecycle.workflowId).describe()).runId !== firstExecutionRunId;
  while (!(await isNew())) await lifecycle.signal(lifecycleMessages.alert, alert);
  await workflow.getHandle(lifecycle.workflowId).query(lifecycleMessages.describe);
  await save(lifecycle.workflowId, 'lifecycle-continued.json', firstExecutionRunId);
  await save(lifecycle.workflowId, 'lifecycle-after.json');
  const removed = workflow.getHandle(lifecycle.workflowId);
  await removed.executeUpdate(lifecycleMessages.remove, {
    args: [{ reason: 'the shop closes', by: 'bob', endRelease: false }],
  });
  await removed.result();
  await save(lifecycle.workflowId, 'lifecycle-removed.json');
}

/** Every outcome of a release, under one lifecycle. */
const recordOutcomes = (input: { environment: TestWorkflowEnvironment; folder: string }): Promise<void> =>
  onStage({
    environment: input.environment,
    script: script(),
    activities: {
      findPromotions: async () => [{ model, version: '9' }],
      readFeedback: async () => ({
        bad: [{ category: 'delivery', people: 60, thumbsDown: 40, low: 0.54, high: 0.77 }],
        sentences: ['delivery: 40 of 60 people rate answers badly, at least 54.1 % > 30.0 %'],
      }),
      watchTraining: async ({ jobName }) => {
        if (nameOf(jobName) === 'cancelled-in-training') await untilCancelled();
        return { steps: 1, seconds: 1 };
      },
      smokeTest: async ({ releaseId }) => {
        if (nameOf(releaseId) === 'failed') throw ApplicationFailure.nonRetryable('the endpoint is gone', 'NotFound');
        return [verdict('pass')];
      },
    },
    play: (set) => record({ ...input, set }),
  });

const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
const [into = version, ...only] = process.argv.slice(2);
const isWanted = ({ file }: { file: string }): boolean => only.length === 0 || only.includes(file);
const stories = [...accidents, ...rareBranches].filter(isWanted);
const side = sideWork.filter(isWanted);
const unknown = only.filter((name) => ![...stories, ...side].some(({ file }) => file === name));
if (unknown.length > 0) throw new Error(`no story is named ${unknown.join(', ')}; name the file that one leaves`);
const folder = join(root, 'test', 'replay', 'histories', into);
const temporary = await mkdtemp(join(tmpdir(), 'understudy-record-'));
if (only.length === 0) await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
const environment = await localEnvironment({ databaseFile: join(temporary, 'temporal.db') });
try {
  if (only.length === 0) await recordOutcomes({ environment, folder });
  await recordStories({ environment, folder, stories });
  if (side.length > 0) await recordSideWork({ environment, folder, side });
} finally {
  await environment.teardown();
  await rm(temporary, { recursive: true, force: true });
}
