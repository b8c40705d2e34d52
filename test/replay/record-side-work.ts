import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Workflow } from '@temporalio/workflow';
import type { Activities } from '../../src/activities/index.js';
import { batchMessages, type BatchInput } from '../../src/contracts/batch.js';
import type { LoadInput } from '../../src/contracts/load.js';
import { workflowIds } from '../../src/contracts/names.js';
import type { Orphan } from '../../src/contracts/orphans.js';
import { batchInference } from '../../src/workflows/batch-inference.js';
import { deliverNotification } from '../../src/workflows/deliver-notification.js';
import { index } from '../../src/workflows/index-documents.js';
import { ingest } from '../../src/workflows/ingest.js';
import { loadTest } from '../../src/workflows/load-test.js';
import { orphanSweep } from '../../src/workflows/orphan-sweep.js';
import { scheduledBatch } from '../../src/workflows/scheduled-batch.js';
import { onStage } from '../workflows/support/stage.js';
import { releaseInput, waitFor } from '../workflows/support/started-release.js';
import { ref } from '../workflows/support/world.js';
import { saveHistory } from './history-file.js';

/*
 * What runs beside releases: ingest, batch, index, the orphan sweep, messages and load tests, each towards the outcome
 * that its file is named for. The name of the spec says to the activities which outcome that is.
 */
type Ending = 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'CONTINUED_AS_NEW';
interface SideWork {
  file: string;
  workflow: Workflow;
  args: unknown[];
  ending: Ending;
  during?: (handle: WorkflowHandle) => Promise<void>;
}

const model = 'recorded';
const specificationOf = (outcome: string) => ({ model, specification: ref(outcome) });
const outcomeOf = ({ specification }: { specification: { uri: string } }): string =>
  specification.uri.slice('store://'.length);

const started = (activity: string) => async (handle: WorkflowHandle) =>
  await waitFor(async () => {
    const { raw } = await handle.describe();
    return raw.pendingActivities?.some((one) => one.activityType?.name === activity) ? true : null;
  });
const cancelledIn = (activity: string) => async (handle: WorkflowHandle) => {
  await started(activity)(handle);
  await handle.cancel();
};

const batchOf = (outcome: string): BatchInput => ({ ...specificationOf(outcome), concurrency: 4 });
const orphan: Orphan = { kind: 'job', model, name: 'train-recorded-r1', firstSeenAt: '2026-01-01T00:00:00.000Z' };
const sweep = { model: null, remove: true, graceMilliseconds: 3_600_000 };
const messageOf = (body: string) => ({
  route: '0123456789abcdef',
  notification: { key: `${model}/${body}`, severity: 'info', title: body, body, model, releaseId: null },
});
const loadInput: LoadInput = {
  ...specificationOf('measured'),
  ...{ releaseId: `${model}-r1`, target: releaseInput({ model }).champion!.target, perSecond: 20, milliseconds: 1000 },
  ...{ minimumSuccess: 0.99, latencyP95Milliseconds: 500, firstTokenP95Milliseconds: null, evidenceDigest: null },
};
const dates = { from: '2026-01-01', to: '2026-01-02' };

export const sideWork: SideWork[] = [
  { file: 'ingest-published', workflow: ingest, args: [{ ...specificationOf('fine'), ...dates }], ending: 'COMPLETED' },
  {
    ...{ file: 'ingest-continued', workflow: ingest, ending: 'CONTINUED_AS_NEW' },
    args: [{ ...specificationOf('fine'), from: '2026-01-01', to: '2026-03-31' }],
  },
  { file: 'ingest-failed', workflow: ingest, args: [{ ...specificationOf('bad'), ...dates }], ending: 'FAILED' },
  {
    ...{ file: 'ingest-cancelled', workflow: ingest, ending: 'CANCELLED', during: cancelledIn('stageIngest') },
    args: [{ ...specificationOf('endless'), ...dates }],
  },
  { file: 'batch-renewed', workflow: batchInference, args: [batchOf('fine')], ending: 'COMPLETED' },
  { file: 'batch-unchanged', workflow: batchInference, args: [batchOf('unchanged')], ending: 'COMPLETED' },
  { file: 'batch-with-failed-chunks', workflow: batchInference, args: [batchOf('refused')], ending: 'COMPLETED' },
  { file: 'batch-failed', workflow: batchInference, args: [batchOf('bad')], ending: 'FAILED' },
  { file: 'batch-continued', workflow: batchInference, args: [batchOf('long')], ending: 'CONTINUED_AS_NEW' },
  {
    ...{ file: 'batch-paused', workflow: batchInference, args: [batchOf('endless')], ending: 'CANCELLED' },
    during: async (handle) => {
      await started('answerBatchChunk')(handle);
      await handle.signal(batchMessages.pause, { by: 'bob', reason: 'a look first' });
      await waitFor(async () => ((await handle.describe()).raw.pendingActivities?.length ? null : true));
      await handle.signal(batchMessages.resume, { by: 'bob' });
      await cancelledIn('answerBatchChunk')(handle);
    },
  },
  { file: 'scheduled-batch-started', workflow: scheduledBatch, args: [batchOf('fine')], ending: 'COMPLETED' },
  { file: 'index-switched', workflow: index, args: [specificationOf('fine')], ending: 'COMPLETED' },
  { file: 'index-unchanged', workflow: index, args: [specificationOf('unchanged')], ending: 'COMPLETED' },
  { file: 'index-failed', workflow: index, args: [specificationOf('bad')], ending: 'FAILED' },
  {
    ...{ file: 'index-cancelled', workflow: index, args: [specificationOf('endless')], ending: 'CANCELLED' },
    during: cancelledIn('openIndex'),
  },
  { file: 'orphan-sweep-removed', workflow: orphanSweep, args: [sweep], ending: 'COMPLETED' },
  {
    ...{ file: 'orphan-sweep-looked', workflow: orphanSweep, ending: 'COMPLETED' },
    args: [{ ...sweep, model, remove: false }],
  },
  {
    ...{ file: 'orphan-sweep-untold', workflow: orphanSweep, ending: 'COMPLETED' },
    args: [{ ...sweep, model: 'untold' }],
  },
  { file: 'message-delivered', workflow: deliverNotification, args: [messageOf('fine')], ending: 'COMPLETED' },
  { file: 'message-held', workflow: deliverNotification, args: [messageOf('held')], ending: 'COMPLETED' },
  { file: 'message-refused', workflow: deliverNotification, args: [messageOf('bad')], ending: 'FAILED' },
  { file: 'load-alone', workflow: loadTest, args: [loadInput], ending: 'COMPLETED' },
];

const refuse = (what: string): never => {
  throw ApplicationFailure.nonRetryable(what, 'DataRefused');
};

/** Runs until its cancellation, which comes with the answer to a heartbeat. */
export async function untilCancelled(): Promise<never> {
  const context = Context.current();
  const beating = setInterval(() => context.heartbeat(), 200);
  return await context.cancelled.finally(() => clearInterval(beating));
}

const held = new Set<string>();
const checked = { chunks: 90, recall: 1, golden: null };
const counted = { documents: 90, changed: 90, removed: 0, deadLetters: 2 };
const activities: Partial<Activities> = {
  stageIngest: async (input) => {
    if (outcomeOf(input) === 'endless') await untilCancelled();
    return { stage: ref('stage.json'), chunks: 1, read: 12 };
  },
  publishIngest: async (input) =>
    outcomeOf(input) === 'bad'
      ? refuse('validation failed')
      : { date: input.date, digest: 'd', read: 12, published: 11 },
  stageBatch: async (input) => {
    const outcome = outcomeOf(input);
    if (outcome === 'bad') refuse('columns are missing: text');
    if (outcome === 'unchanged') return { stage: null, reason: 'no item has changed', chunks: 0, due: 0, unchanged: 9 };
    const chunks = outcome === 'long' ? 120 : 3;
    return { stage: ref('stage.json'), reason: `${chunks * 5} items`, chunks, due: chunks * 5, unchanged: 3 };
  },
  answerBatchChunk: async (input) => {
    const outcome = outcomeOf(input);
    if (outcome === 'endless') await untilCancelled();
    if (outcome === 'refused' && input.chunk === 1) refuse('the key was refused');
    return { summarised: 5, deadLettered: 0, tooFew: 0, calls: 5, repaired: 0, pairs: 0, atOnce: input.most };
  },
  openIndex: async (input) => {
    const outcome = outcomeOf(input);
    if (outcome === 'endless') await untilCancelled();
    const plan = outcome === 'unchanged' ? null : ref('plan');
    return { version: 'policies-1', plan, batches: 3, changed: 90, removed: 0, kept: 0 };
  },
  stageIndex: async () => undefined,
  indexBatch: async () => undefined,
  checkIndex: async (input) => (outcomeOf(input) === 'bad' ? refuse('recall 40 % < 95 %') : checked),
  switchIndex: async () => ({ version: 'policies-1', switched: true, ...counted, check: checked }),
  listSweptModels: async () => ['lost', model],
  findOrphans: async ({ model: swept }) =>
    swept === 'lost' ? refuse('nobody answers') : { orphans: [orphan], fresh: [orphan] },
  removeOrphans: async () => ({ removed: [orphan] }),
  sendNotification: async ({ model: told }) => (told === 'untold' ? refuse('no such channel') : undefined),
  deliverNotification: async ({ notification: { key, body } }) => {
    if (body === 'bad') refuse('no such channel');
    if (body !== 'held' || held.has(key)) return { heldUntil: null };
    held.add(key);
    return { heldUntil: new Date(Date.now() + 500).toISOString() };
  },
};

/** Runs what is no release, each towards its outcome, and writes the histories into `folder`. */
export const recordSideWork = ({
  environment,
  folder,
  side,
}: {
  environment: TestWorkflowEnvironment;
  folder: string;
  side: readonly SideWork[];
}): Promise<void> =>
  onStage({
    environment,
    activities,
    play: async ({ orchestration }) => {
      const { workflow: client } = environment.client;
      for (const { file, workflow, args, ending, during } of side) {
        const started = { workflowId: file, taskQueue: orchestration, args, followRuns: false };
        const handle = await client.start(workflow, started);
        await during?.(handle);
        await handle.result().catch(() => undefined);
        const run = client.getHandle(file, handle.firstExecutionRunId);
        const { status } = await run.describe();
        if (status.name !== ending) throw new Error(`${file} ended ${status.name}, expected ${ending}`);
        await saveHistory({
          client,
          folder,
          workflowId: file,
          runId: handle.firstExecutionRunId,
          file: `${file}.json`,
        });
        process.stdout.write(`${file}: ${status.name}\n`);
      }
      // What the Schedule has started runs on by itself.
      if (side.some(({ workflow }) => workflow === scheduledBatch))
        await client.getHandle(workflowIds.batch(model)).result();
    },
  });
