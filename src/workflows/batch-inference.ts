import {
  ActivityCancellationType,
  ActivityFailure,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  log,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  batchMessages,
  pauseBatchSchema,
  qualityAlert,
  resumeBatchSchema,
  type BatchInput,
  type BatchProgress,
  type PauseBatch,
  type StagedBatch,
} from '../contracts/batch.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import { activitiesFor } from './activity-options.js';
import { pinned } from './pinned.js';
import { showDetails } from './shown-text.js';
import { batchDetails } from '../contracts/batch-details.js';

/** Chunks that are answered side by side; each has its part of the calls at a time. */
const chunksAtOnce = 2;
const chunksPerRun = 100;
/** What is not answered by then is left to the next run, and people are told. */
const longestChunk = '6 hours';

const openProgress = ({
  model,
  run,
  paused,
}: {
  model: string;
  run: string;
  paused: PauseBatch | null;
}): BatchProgress => ({
  ...{ model, run, chunks: { done: 0, failed: 0, all: 0 }, due: 0, unchanged: 0, atOnce: 0, paused },
  ...{ summarised: 0, deadLettered: 0, tooFew: 0, calls: 0, repaired: 0, pairs: 0, now: 'starting' },
});

pinned(batchInference);

/**
 * Renews the summaries of a model's items: finds what has changed since the watermark, answers it chunk by chunk, and
 * moves the watermark by what is done. A pause holds at once, in the middle of a chunk, until somebody resumes; while
 * this run waits or works, the Schedule starts no other.
 */
export async function batchInference(input: BatchInput): Promise<BatchProgress> {
  const { model, specification, carried } = input;
  const progress =
    carried?.progress ??
    openProgress({ model, run: workflowInfo().startTime.toISOString(), paused: input.paused ?? null });
  let answering = new CancellationScope();
  const show = (change: Partial<BatchProgress>): void => {
    Object.assign(progress, change);
    showDetails(batchDetails(progress));
  };
  setHandler(batchMessages.progress, () => progress);
  setHandler(batchMessages.pause, (message) => {
    const parsed = pauseBatchSchema.safeParse(message);
    // What is asked for in a hurry holds all the same.
    const paused = parsed.success ? parsed.data : { by: 'somebody', reason: 'the signal said neither who nor why' };
    if (progress.paused !== null && paused.by === qualityAlert) return;
    show({ paused });
    answering.cancel();
  });
  setHandler(batchMessages.resume, (message) => {
    const parsed = resumeBatchSchema.safeParse(message);
    if (!parsed.success) return log.warn('not resumed: expected {"by": "YOUR-NAME"}');
    if (parsed.data.by === qualityAlert && progress.paused?.by !== qualityAlert) return;
    show({ paused: null });
  });
  const resumed = (): Promise<void> => condition(() => progress.paused === null);
  const work = (summary: string) => activitiesFor({ profile: 'longWork', queue: 'data', summary });

  let goesOn = false;
  try {
    await resumed();
    // A run that was held for long begins now: what it writes must live as long as any other's.
    if (!carried) show({ run: new Date().toISOString(), now: 'looking for new reviews' });
    const { run } = progress;
    const staged =
      carried?.staged ?? (await work('find the items with new reviews').stageBatch({ specification, run }));
    show({ due: staged.due, unchanged: staged.unchanged, chunks: { ...progress.chunks, all: staged.chunks } });
    const { stage } = staged;
    if (stage === null) {
      show({ now: staged.reason });
      return progress;
    }
    const next = await answerFrom({ staged, stage, first: carried?.next ?? 0 });
    goesOn = next < staged.chunks;
    if (goesOn) return await continueAsNew<typeof batchInference>({ ...input, carried: { progress, staged, next } });
    show({ now: 'moving the watermark' });
    await work('move the watermark').concludeBatch({ specification, stage });
    const { failed } = progress.chunks;
    if (failed > 0 || progress.deadLettered > 0) await tell(progress.failure ?? null);
    show({ now: failed === 0 ? 'done' : `done but for ${failed} chunks: ${progress.failure}` });
  } catch (error) {
    if (!goesOn && !isCancellation(error)) await tell(messageOf(error));
    throw error;
  } finally {
    if (!goesOn) {
      await CancellationScope.nonCancellable(() =>
        work('clear what the run laid down').clearBatch({ specification, run: progress.run }),
      );
      // A pause that came too late for this run holds the next one: while this one waits, the Schedule starts none.
      await resumed();
    }
  }
  return progress;

  /** Answers chunks until the last one, or until this run of the workflow has enough history; the next one's number. */
  async function answerFrom({
    staged,
    stage,
    first,
  }: {
    staged: StagedBatch;
    stage: ArtifactRef;
    first: number;
  }): Promise<number> {
    let next = first;
    const answerNext = async (): Promise<void> => {
      while (next < staged.chunks && !wantsNewRun(next - first)) await answerChunk({ stage, chunk: next++ });
    };
    await Promise.all(Array.from({ length: Math.min(chunksAtOnce, staged.chunks) }, answerNext));
    return next;
  }

  /** Answers one chunk, again where a pause fell into it; a failure for good is noted, and stops no other chunk. */
  async function answerChunk({ stage, chunk }: { stage: ArtifactRef; chunk: number }): Promise<void> {
    for (;;) {
      await resumed();
      const { all } = progress.chunks;
      const most = Math.ceil(input.concurrency / Math.min(chunksAtOnce, all));
      show({ now: 'answering' });
      if (answering.consideredCancelled) answering = new CancellationScope();
      const scope = answering;
      try {
        const answered = await scope.run(() =>
          activitiesFor({
            profile: 'longWork',
            queue: 'batch',
            summary: `answer chunk ${chunk + 1} of ${all}`,
            options: {
              heartbeatTimeout: '10 seconds',
              scheduleToCloseTimeout: longestChunk,
              // Nothing of a paused chunk may still be asked when it is taken up again.
              cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            },
          }).answerBatchChunk({ specification, stage, chunk, most, atOnce: progress.atOnce || most }),
        );
        const { atOnce, ...counts } = answered;
        for (const [name, count] of Object.entries(counts) as [keyof typeof counts, number][])
          progress[name] = (progress[name] ?? 0) + count;
        show({ atOnce, chunks: { ...progress.chunks, done: progress.chunks.done + 1 } });
        return;
      } catch (error) {
        const isPause = scope.consideredCancelled && !CancellationScope.current().consideredCancelled;
        if (isCancellation(error) && isPause) continue;
        if (isCancellation(error)) throw error;
        const failure = progress.failure ?? messageOf(error);
        show({ failure, chunks: { ...progress.chunks, failed: progress.chunks.failed + 1 } });
        return;
      }
    }
  }

  async function tell(failure: string | null): Promise<void> {
    const body = [
      ...(failure === null ? [] : [failure]),
      ...(progress.deadLettered > 0 ? [`${progress.deadLettered} of ${progress.due} items got no summary`] : []),
    ];
    await activitiesFor({
      profile: 'quickCall',
      queue: 'orchestration',
      summary: 'tell people what got no summary',
    }).sendNotification({
      ...{
        key: `batch:${model}:${progress.run}`,
        severity: failure === null ? 'info' : 'warning',
        model,
        releaseId: null,
      },
      title: `${model}: some items got no new summary`,
      body: `${body.join('; ')}. The next run takes up what failed; dead letters wait for new reviews or another release.`,
    });
  }
}

const wantsNewRun = (done: number): boolean => done >= chunksPerRun || workflowInfo().continueAsNewSuggested;

function messageOf(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof Error ? cause.message : String(error);
}
