import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  continueAsNew,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { ingestMessages, type IngestInput, type IngestProgress } from '../contracts/ingest.js';
import { datesBetween } from '../domain/dataset/time-window.js';
import { activitiesFor } from './activity-options.js';
import { pinned } from './pinned.js';
import { showDetails } from './shown-text.js';

const chunksAtOnce = 4;
const datesPerRun = 50;
const latestKept = 31;
const dayMilliseconds = 86_400_000;

/** The day before the run was due, so that a late run takes in what it should have. */
function dueDate(): string {
  const due = workflowInfo().searchAttributes['TemporalScheduledStartTime']?.[0];
  const at = due === undefined ? workflowInfo().startTime : new Date(due as string | Date);
  return new Date(at.getTime() - dayMilliseconds).toISOString().slice(0, 10);
}

function datesOf(span: { from: string; to: string }): string[] {
  try {
    return datesBetween(span);
  } catch (error) {
    throw ApplicationFailure.nonRetryable((error as Error).message, 'InvalidInput');
  }
}

function detailsOf({ date, chunks, dates, read, published, latest }: IngestProgress): string {
  const now = date === null ? 'All dates are in.' : `**${date}**: ${chunks.done} of ${chunks.all} chunks cleaned.`;
  const rows = latest.map(
    (one) => `| ${one.date} | ${one.read} | ${one.published} | ${one.digest?.slice(0, 12) ?? '-'} |`,
  );
  const table = ['| date | read | published | version |', '|---|---|---|---|', ...rows].join('\n');
  return `${now}\n\n${dates} dates, ${read} rows read, ${published} published.\n\n${table}`;
}

/** Tells people why a date is not in; the rows of it that were laid down are gone, the source has them still. */
async function tellFailure({ model, date, error }: { model: string; date: string; error: unknown }): Promise<void> {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const { workflowId } = workflowInfo();
  await activitiesFor({
    profile: 'quickCall',
    queue: 'orchestration',
    summary: `tell people that ${date} is not in`,
  }).sendNotification({
    key: `${workflowId}:${date}:failed`,
    severity: 'warning',
    title: `${model}: the data of ${date} was not taken in`,
    body: `${(cause as Error).message}. Nothing of it was published; mend it and run the date again.`,
    model,
    releaseId: null,
  });
}

pinned(ingest);

/**
 * Takes in new data, one logical date after the other: its rows are laid down in chunks, cleaned chunk by chunk, and
 * published as one version. Doing a date again gives the same version, so a backfill of past dates is safe.
 */
export async function ingest(input: IngestInput): Promise<IngestProgress> {
  const { model, specification } = input;
  const work = (summary: string) => activitiesFor({ profile: 'longWork', queue: 'data', summary });
  const progress: IngestProgress = input.carried ?? {
    ...{ model, date: null, chunks: { done: 0, all: 0 }, dates: 0, read: 0, published: 0, latest: [] },
  };
  setHandler(ingestMessages.progress, () => progress);
  const show = (change: Partial<IngestProgress>): void => {
    Object.assign(progress, change);
    showDetails(detailsOf(progress));
  };

  async function takeIn(date: string): Promise<void> {
    show({ date, chunks: { done: 0, all: 0 } });
    const { stage, chunks } = await work(`read ${date}`).stageIngest({ specification, date });
    show({ chunks: { done: 0, all: chunks } });
    let next = 0;
    const cleanNext = async (): Promise<void> => {
      while (next < chunks) {
        const chunk = next++;
        await work(`clean chunk ${chunk + 1} of ${chunks}`).cleanIngestChunk({ specification, date, stage, chunk });
        show({ chunks: { done: progress.chunks.done + 1, all: chunks } });
      }
    };
    await Promise.all(Array.from({ length: chunksAtOnce }, cleanNext));
    const ingested = await work(`publish ${date}`).publishIngest({ specification, date, stage });
    show({
      ...{ dates: progress.dates + 1, read: progress.read + ingested.read },
      published: progress.published + ingested.published,
      latest: [...progress.latest, ingested].slice(-latestKept),
    });
  }

  const from = input.from ?? dueDate();
  const to = input.to ?? from;
  const dates = datesOf({ from, to });
  for (const [index, date] of dates.entries()) {
    if (index === datesPerRun || workflowInfo().continueAsNewSuggested)
      return await continueAsNew<typeof ingest>({ ...input, from: date, to, carried: progress });
    try {
      await takeIn(date);
    } catch (error) {
      if (!isCancellation(error)) await tellFailure({ model, date, error });
      throw error;
    } finally {
      await CancellationScope.nonCancellable(() => work(`clear ${date}`).clearIngest({ specification, date }));
    }
  }
  show({ date: null });
  return progress;
}
