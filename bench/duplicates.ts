import { exactJaccard, similarPairs } from '../test/unit/dataset/near-duplicates/brute-force.js';
import { datasketch, datasketchPython, dedupe, dedupeByDatasketch, threshold } from './support/data-peers.js';
import { reportAgainstPeer } from './support/peer-comparison.js';
import { report, reportMachine } from './support/report.js';
import { reviewTexts } from './support/review-texts.js';

const bench = 'duplicates';
const repetitions = 5;
/** Ours takes about a tenth of the time: so many runs see as much of the machine as one of the peer. */
const runsForOne = 10;
const peerRows = 20_000;
const bruteForceRows = 4_000;
const sizes = [10_000, 100_000, 1_000_000];
const targets = { bytes: 300, growth: 2, recall: 0.99, precision: 0.97 };

async function compareSpeed(python: string): Promise<void> {
  const rows = [...reviewTexts({ rows: peerRows, seed: 1 })];
  await reportAgainstPeer({
    ...{ bench, what: 'reviews of 60 words', rows: rows.length, peer: datasketch, repetitions, runsForOne },
    own: () => dedupe(rows).seconds,
    other: async () => (await dedupeByDatasketch({ python, rows })).seconds,
  });
  const [value, peerValue] = [dedupe(rows), await dedupeByDatasketch({ python, rows })].map(
    (run) => run.bytes / peerRows,
  );
  report({
    ...{ bench, metric: `memory of the index with ${peerRows} rows`, unit: 'bytes a row', peer: datasketch },
    ...{ value: value!, peerValue: peerValue!, ratio: value! / peerValue!, target: null, ok: null },
  });
}

/** Of pairs of near-duplicates those of which not both stay; of rows that go those with a near-duplicate that stays. */
function quality({ rows, pairs, kept }: { rows: string[]; pairs: [number, number][]; kept: number[] }) {
  const stays = new Set(kept);
  const resolved = pairs.filter(([one, other]) => !stays.has(one) || !stays.has(other)).length;
  const dropped = rows.map((_, row) => row).filter((row) => !stays.has(row));
  const justified = new Set(
    pairs.flatMap(([one, other]) => [...(stays.has(other) ? [one] : []), ...(stays.has(one) ? [other] : [])]),
  );
  const sameText = new Set(kept.map((row) => rows[row]!));
  const right = dropped.filter((row) => justified.has(row) || sameText.has(rows[row]!)).length;
  return { recall: resolved / pairs.length, precision: right / dropped.length };
}

async function compareQuality(python: string): Promise<void> {
  const rows = [...reviewTexts({ rows: bruteForceRows, seed: 2 })];
  const pairs = similarPairs({ rows: rows.map((text) => ({ text, helpfulness: 0 })), threshold });
  const own = quality({ rows, pairs, kept: dedupe(rows).kept });
  const peer = quality({ rows, pairs, kept: (await dedupeByDatasketch({ python, rows })).kept });
  const closest = Math.min(...pairs.map(([one, other]) => exactJaccard(rows[one]!, rows[other]!)));
  for (const metric of ['recall', 'precision'] as const)
    report({
      bench,
      metric: `${metric} against brute force on ${bruteForceRows} rows`,
      value: own[metric],
      unit: 'share',
      peer: datasketch,
      peerValue: peer[metric],
      target: `>= ${targets[metric]}`,
      ok: own[metric] >= targets[metric],
      note: `${pairs.length} pairs at or above ${threshold}, the closest ${closest.toFixed(3)}`,
    });
}

function measureGrowth(): void {
  const perRow: number[] = [];
  for (const size of sizes) {
    const run = dedupe(reviewTexts({ rows: size, seed: 3 }));
    perRow.push(run.seconds / size);
    const line = { bench, target: null, ok: null };
    report({ ...line, metric: `rows a second on ${size} rows`, value: size / run.seconds, unit: 'rows/s' });
    const bytes = run.bytes / size;
    report({
      bench,
      metric: `memory of the index with ${size} rows`,
      value: bytes,
      unit: 'bytes a row',
      target: `<= ${targets.bytes}`,
      ok: bytes <= targets.bytes,
    });
  }
  const growth = perRow.at(-1)! / perRow[0]!;
  report({
    bench,
    metric: `time a row with ${sizes.at(-1)!} rows over that with ${sizes[0]!}`,
    value: growth,
    unit: 'ratio',
    target: `<= ${targets.growth}`,
    ok: growth <= targets.growth,
  });
}

reportMachine({ bench });
const python = await datasketchPython();
await compareSpeed(python);
await compareQuality(python);
measureGrowth();
