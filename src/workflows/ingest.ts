import {
  ApplicationFailure,
  CancellationScope,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { ingestMessages, type IngestInput, type IngestProgress } from '../contracts/ingest.js';
import { datesBetween } from '../domain/dataset/time-window.js';
import { activitiesFor } from './activity-options.js';

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
    setCurrentDetails(detailsOf(progress));
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
    } finally {
      await CancellationScope.nonCancellable(() => work(`clear ${date}`).clearIngest({ specification, date }));
    }
  }
  show({ date: null });
  return progress;
}
