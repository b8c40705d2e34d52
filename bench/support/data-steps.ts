import { rm } from 'node:fs/promises';
import { cleanToSpill } from '../../src/activities/dataset-clean.js';
import { openRecords } from '../../src/activities/dataset-build.js';
import { resolveDuplicates } from '../../src/activities/dataset-duplicates.js';
import { createLineWriter } from '../../src/activities/dataset-files.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { ExternalSources } from '../../src/adapters/data-sources/data-sources.js';
import { planDataset } from '../../src/domain/dataset/plan.js';
import { createPseudonyms } from '../../src/domain/dataset/pseudonyms.js';
import { dataSpecSchema } from '../../src/domain/spec/data-spec.js';

/** Steps 1 to 6 of the pipeline over one file, as `data build` runs them; prints one JSON object. */
const [path] = process.argv.slice(2) as [string];
const plan = planDataset({
  data: dataSpecSchema.parse({ recipe: 'reviews', source: { kind: 'jsonl', uri: path }, goldenSet: 'none' }),
  pseudonyms: createPseudonyms({ key: null }),
});
const pulse = (): void => undefined;
const spill = `${path}.cleaned`;
const store = new DirectoryStore({ root: `${path}.store` });
const begun = performance.now();
const { records, found } = await openRecords({
  ...{ plan, window: null, folder: '.', sources: new ExternalSources(), store, pulse },
});
const writer = createLineWriter({ path: spill });
await cleanToSpill({ records, plan, writer, threads: true, pulse });
await writer.close();
const cleaned = performance.now();
const { kind } = await resolveDuplicates({ spills: [spill], plan, pulse });
const ended = performance.now();
const { user, system } = process.cpuUsage();
await rm(spill);
process.stdout.write(
  JSON.stringify({
    rows: found.read,
    clean: kind.length,
    duplicates: kind.filter((one) => one !== 0).length,
    cleanSeconds: (cleaned - begun) / 1000,
    duplicateSeconds: (ended - cleaned) / 1000,
    processorSeconds: (user + system) / 1e6,
    peakMegabytes: (process.resourceUsage().maxRSS * 1024) / 1e6,
  }),
);
