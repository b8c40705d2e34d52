import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ArtifactStore } from '../../../activities/ports.js';
import { storeKeys } from '../../../contracts/store-keys.js';
import type { OverviewRelease, ReportInput } from '../../../domain/report/report-input.js';
import { renderOverview } from '../../../report/render-overview.js';
import type { EndedDemonstrationRelease } from './run-demonstration.js';

/** What was injected, said on the page as it was in the output. */
const faultNotes = (results: readonly EndedDemonstrationRelease[]): string[] =>
  results.flatMap(({ ended, release: { fault } }) =>
    fault === null
      ? []
      : [
          `The demonstration made live answers of ${ended.releaseId} fail in ${fault.errorRate * 100} % of cases and take ${fault.delayMs / 1000} s longer, between gateway and endpoint; its evaluation was left alone.`,
        ],
  );

/** Writes one page over the releases of a demonstration; null where none has left a report. */
export async function writeOverview({
  home,
  store,
  model,
  results,
}: {
  home: string;
  store: ArtifactStore;
  model: string;
  results: readonly EndedDemonstrationRelease[];
}): Promise<string | null> {
  const releases: OverviewRelease[] = [];
  for (const { releaseId } of results.map((one) => one.ended)) {
    const stored = await store.get({ key: storeKeys.reportInput({ releaseId }) });
    if (stored === null) continue;
    const input = JSON.parse(Buffer.from(stored.body).toString('utf8')) as ReportInput;
    const path = await store.localPath({ key: storeKeys.report({ releaseId }) });
    releases.push({ ...input, reportHref: pathToFileURL(path).href });
  }
  if (releases.length === 0) return null;
  const file = join(home, 'report.html');
  const generatedAt = new Date().toISOString();
  await writeFile(file, renderOverview({ model, releases, notes: faultNotes(results), generatedAt }));
  return file;
}
