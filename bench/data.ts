import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { createLineWriter } from '../src/activities/dataset-files.js';
import { createRedactor } from '../src/domain/dataset/redaction/redactor.js';
import { ownPatterns } from '../test/support/redaction/values.js';
import {
  datasketch,
  datasketchPython,
  dedupe,
  dedupeByDatasketch,
  findByPresidio,
  presidio,
  presidioPython,
} from './support/data-peers.js';
import { reportAgainstPeer } from './support/peer-comparison.js';
import { report, reportMachine } from './support/report.js';
import { syntheticReviews } from './support/synthetic-reviews.js';

const bench = 'data';
const seed = 20_260_331;
const mostMegabytes = 1000;
/** Rows a processor second may fall this far below those of the smallest size; linear growth keeps them. */
const leastRateShare = 0.8;
const repetitions = 3;
const runsForOne = 10;
const peerRows = { redaction: 2_000, duplicates: 20_000 };

const measuredSchema = z.object({
  rows: z.number(),
  clean: z.number(),
  duplicates: z.number(),
  cleanSeconds: z.number(),
  duplicateSeconds: z.number(),
  processorSeconds: z.number(),
  peakMegabytes: z.number(),
});
type MeasuredRun = z.infer<typeof measuredSchema>;

/** Runs the steps in a process of their own, whose peak memory is theirs alone. */
async function runSteps(path: string): Promise<MeasuredRun> {
  const worker = fileURLToPath(new URL('support/data-steps.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', worker, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((settle, refuse) => {
    child.once('error', refuse);
    child.once('close', settle);
  });
  if (code !== 0) throw new Error(`the steps over ${path} ended with ${code}`);
  return measuredSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
}

async function measure({ rows, folder }: { rows: number; folder: string }): Promise<MeasuredRun> {
  const path = join(folder, `reviews-${rows}.jsonl`);
  const writer = createLineWriter({ path });
  for (const review of syntheticReviews({ rows, seed })) await writer.write(JSON.stringify(review));
  await writer.close();
  const measured = await runSteps(path);
  await rm(path);
  return measured;
}

/** The steps that a Python peer has, on the texts of the reviews that the whole run reads. */
async function comparePeers(): Promise<void> {
  const texts = [...syntheticReviews({ rows: peerRows.duplicates, seed })].map(({ text }) => String(text));
  const few = texts.slice(0, peerRows.redaction).map((text) => ({ text, language: 'en' }));
  const redactor = createRedactor({ patterns: ownPatterns });
  const [forRedaction, forDuplicates] = [await presidioPython(), await datasketchPython()];
  const redactAll = (): number => {
    const begun = performance.now();
    for (const { text } of few) redactor.redact({ texts: [text] });
    return (performance.now() - begun) / 1000;
  };
  await reportAgainstPeer({
    ...{ bench, what: 'synthetic reviews: redaction', rows: few.length, peer: presidio, repetitions, runsForOne },
    own: redactAll,
    other: async () => (await findByPresidio({ python: forRedaction, patterns: ownPatterns, rows: few })).seconds,
  });
  await reportAgainstPeer({
    ...{ bench, what: 'synthetic reviews: duplicates', rows: texts.length, peer: datasketch, repetitions, runsForOne },
    own: () => dedupe(texts).seconds,
    other: async () => (await dedupeByDatasketch({ python: forDuplicates, rows: texts })).seconds,
  });
}

const sizes = process.argv.slice(2).map(Number).filter(Boolean);
const folder = await mkdtemp(join(tmpdir(), 'understudy-bench-data-'));
reportMachine({ bench });
await comparePeers();
try {
  let firstRate: number | null = null;
  for (const rows of sizes.length > 0 ? sizes : [10_000, 100_000, 1_000_000]) {
    const measured = await measure({ rows, folder });
    const { cleanSeconds, duplicateSeconds, processorSeconds, peakMegabytes, clean, duplicates } = measured;
    const name = `${rows} synthetic reviews, steps 1 to 6`;
    report({
      ...{ bench, metric: `${name}: rows a second`, unit: 'rows/s', target: null, ok: null },
      value: rows / (cleanSeconds + duplicateSeconds),
      note: `${clean} rows clean, ${duplicates} of them duplicates; ${cleanSeconds.toFixed(1)} s for steps 1 to 5, ${duplicateSeconds.toFixed(1)} s for step 6`,
    });
    const rate = rows / processorSeconds;
    firstRate ??= rate;
    report({
      ...{ bench, metric: `${name}: rows a processor second`, value: rate, unit: 'rows/s' },
      ...{ target: `>= ${leastRateShare} of those of the smallest size`, ok: rate >= leastRateShare * firstRate },
    });
    report({
      ...{ bench, metric: `${name}: peak resident memory`, value: peakMegabytes, unit: 'MB' },
      ...{ target: `< ${mostMegabytes} MB`, ok: peakMegabytes < mostMegabytes },
    });
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
