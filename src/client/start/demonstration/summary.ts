import Table from 'cli-table3';
import type { EndedBatch } from './run-batch.js';
import type { EndedDemonstrationRelease } from './run-demonstration.js';
import type { ShownSummary } from './show-summaries.js';

/** The one JSON object of `start --once --json`. */
export interface StartSummary {
  releases: {
    release: string;
    outcome: string;
    stage: string;
    reasons: string[];
    champion: string | null;
    cost: number;
    seconds: number;
  }[];
  /** Absent where the example has no batch. */
  batches?: EndedBatch[];
  /** What the gateway said of the example's items. */
  summaries?: ShownSummary[];
  /** Path of the page over all releases; null where no release has left a report. */
  report: string | null;
  urls: Record<string, string>;
  seconds: number;
}

export function summarise({
  results,
  batches,
  summaries,
  report,
  urls,
  seconds,
}: {
  results: readonly EndedDemonstrationRelease[];
  batches: EndedBatch[];
  summaries: ShownSummary[];
  report: string | null;
  urls: Record<string, string>;
  seconds: number;
}): StartSummary {
  return {
    releases: results.map(({ ended }) => ({
      release: ended.releaseId,
      outcome: ended.outcome,
      stage: ended.stage,
      reasons: ended.reasons,
      champion: ended.champion,
      cost: ended.costUsd,
      seconds: ended.seconds,
    })),
    ...(batches.length > 0 && { batches }),
    ...(summaries.length > 0 && { summaries }),
    report,
    urls,
    seconds,
  };
}

/** What ended otherwise than the example says; null where nothing did. A promotion that was taken back afterwards did. */
function surprise({ ended, release }: EndedDemonstrationRelease): string | null {
  if (ended.outcome !== release.expect.outcome) return `no: ${release.expect.outcome}`;
  return ended.outcome === 'promoted' && ended.champion !== ended.releaseId ? 'no: champion after' : null;
}

/** Whether every release ended as the example says. */
export const endedAsExpected = (results: readonly EndedDemonstrationRelease[]): boolean =>
  results.every((result) => surprise(result) === null);

/** The summary as a table for people. */
export function summaryTable(results: readonly EndedDemonstrationRelease[]): string {
  const table = new Table({
    head: ['release', 'outcome', 'as expected', 'ended in', 'champion after', 'took', 'why'],
    colWidths: [null, null, null, null, null, null, 60],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const result of results) {
    const { ended } = result;
    table.push([
      ended.releaseId,
      ended.outcome,
      surprise(result) ?? 'yes',
      ended.stage,
      ended.champion ?? 'none',
      `${Math.round(ended.seconds)} s`,
      ended.reasons.join('\n'),
    ]);
  }
  return table.toString();
}
