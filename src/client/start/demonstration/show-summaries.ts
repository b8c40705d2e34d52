import { startBatch } from '../../batch.js';
import type { UnderstudyClient } from '../../understudy-client.js';
import type { Demonstration } from './demonstration-file.js';

interface Shown {
  summary: string;
  pros: string[];
  cons: string[];
  release: string;
  label: string;
  sources: unknown[];
}

/** Runs the batch of every model of the demonstration, and shows what the gateway then says of a few items. */
export async function showSummaries({
  demonstration: { releases, items },
  client,
  gateway,
  apiKey,
  say,
}: {
  demonstration: Pick<Demonstration, 'releases' | 'items'>;
  client: Pick<UnderstudyClient, 'temporal' | 'store' | 'describe'>;
  gateway: string;
  apiKey: string;
  say: (line: string) => void;
}): Promise<void> {
  if (items.length === 0) return;
  for (const model of new Set(releases.map((release) => release.model))) {
    const { specification } = await client.describe(model);
    const run = await startBatch({ temporal: client.temporal, store: client.store, queuePrefix: '', specification });
    const { now, due, unchanged, summarised, deadLettered, calls, repaired } = await run.result();
    say(
      `batch of ${model}: ${now}; ${due} items to look at, ${unchanged} unchanged, ${summarised} summarised, ` +
        `${deadLettered} dead letters, ${calls} calls, ${repaired} replies repaired`,
    );
  }
  for (const item of items) {
    const url = `${gateway}/items/${encodeURIComponent(item)}/summary`;
    const response = await fetch(url, { headers: { 'x-api-key': apiKey } });
    if (!response.ok) {
      say(`GET /items/${item}/summary: ${response.status} ${await response.text()}`);
      continue;
    }
    const { summary, pros, cons, release, label, sources } = (await response.json()) as Shown;
    say(`GET /items/${item}/summary (${release}, ${label}, ${sources.length} sources): ${summary}`);
    say(`  for: ${pros.join(', ') || 'nothing'}; against: ${cons.join(', ') || 'nothing'}`);
  }
}
