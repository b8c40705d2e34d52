import { z } from 'zod';
import { storedSummarySchema } from '../../../domain/summaries/stored-summary.js';
import type { EndedBatch } from './run-batch.js';

const answerSchema = storedSummarySchema
  .pick({ model: true, release: true, label: true, pros: true, cons: true, summary: true, sources: true })
  .extend({ version: z.string() });

/** What the gateway said of an item; `served` is null where it has no summary. */
export interface ShownSummary {
  item: string;
  status: number;
  served:
    | (Omit<z.infer<typeof answerSchema>, 'sources'> & {
        sources: number;
        etag: string | null;
        /** Status of the same question with `if-none-match`: 304. */
        statusAgain: number;
      })
    | null;
}

/** Asks the gateway for the summaries of items, each twice: the second time as somebody who has the text already. */
export async function showSummaries({
  items,
  gateway,
  apiKey,
  say,
}: {
  items: readonly string[];
  gateway: string;
  apiKey: string;
  say: (line: string) => void;
}): Promise<ShownSummary[]> {
  const shown: ShownSummary[] = [];
  for (const item of items) {
    const path = `/items/${encodeURIComponent(item)}/summary`;
    const ask = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${gateway}${path}`, { headers: { 'x-api-key': apiKey, ...headers } });
    const response = await ask({});
    const { status } = response;
    if (!response.ok) {
      say(`GET ${path}: ${status} ${await response.text()}`);
      shown.push({ item, status, served: null });
      continue;
    }
    const { sources, ...answer } = answerSchema.parse(await response.json());
    const etag = response.headers.get('etag');
    const again = await ask(etag === null ? {} : { 'if-none-match': etag });
    await again.arrayBuffer();
    shown.push({ item, status, served: { ...answer, sources: sources.length, etag, statusAgain: again.status } });
    const { release, label, summary, pros, cons } = answer;
    say(`GET ${path}: ${status}, then ${again.status} (${release}, ${label}, ${sources.length} sources): ${summary}`);
    say(`  for: ${pros.join(', ') || 'nothing'}; against: ${cons.join(', ') || 'nothing'}`);
  }
  return shown;
}

/** Whether every batch did what it had to, and the gateway serves what the batches made; true where there is neither. */
export function servedAsExpected({
  batches,
  summaries,
}: {
  batches: readonly EndedBatch[];
  summaries: readonly ShownSummary[];
}): boolean {
  const served = summaries.flatMap((one) => one.served ?? []);
  const madeBy = new Set(served.map(({ model }) => model));
  return (
    batches.every(({ failedChunks, model }) => failedChunks === 0 && madeBy.has(model)) &&
    served.every(({ statusAgain }) => statusAgain === 304)
  );
}
