import type { BatchProgress } from './batch.js';

/** The status of a batch as an operator reads it in the Temporal UI. */
export function batchDetails(progress: BatchProgress): string {
  const { run, now, paused, chunks, due, unchanged, summarised, deadLettered, tooFew, calls, repaired, pairs, atOnce } =
    progress;
  const { unformatted = 0 } = progress;
  return [
    `### run of ${run}: ${now}`,
    ...(paused === null
      ? []
      : [`**Paused by ${paused.by}**: ${paused.reason}. The signal \`resume {"by": "YOUR-NAME"}\` goes on.`]),
    `${chunks.done} of ${chunks.all} chunks answered${chunks.failed > 0 ? `, **${chunks.failed} failed**` : ''}; ` +
      `${due} items to look at, ${unchanged} unchanged.`,
    `${summarised} summarised, ${deadLettered} dead letters, ${tooFew} with too few reviews.`,
    `${calls} calls, ${repaired} replies repaired${unformatted > 0 ? `, **${unformatted} without response_format**, which the endpoint does not take` : ''}, ${pairs} pairs for a shadow; ${atOnce} calls at once in a chunk.`,
  ].join('\n\n');
}
