import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { createDuplicateIndex } from '../src/domain/dataset/near-duplicates/duplicate-index.js';
import { duplicateKinds } from '../src/domain/dataset/near-duplicates/duplicate-resolution.js';
import { exactJaccard, similarPairs } from '../test/unit/dataset/near-duplicates/brute-force.js';
import { peerPython } from './support/peer-environment.js';
import { median, report, reportMachine, spreadOf } from './support/report.js';
import { reviewTexts } from './support/review-texts.js';

const bench = 'duplicates';
const threshold = 0.85;
const repetitions = 5;
/** Ours takes about a tenth of the time: so many runs see as much of the machine as one of the peer. */
const runsForOne = 10;
const peerRows = 20_000;
const bruteForceRows = 4_000;
const sizes = [10_000, 100_000, 1_000_000];
const targets = { ratio: 10, bytes: 300, growth: 2, recall: 0.99, precision: 0.97 };

interface Run {
  seconds: number;
  kept: number[];
  bytes: number;
}

/** Adds rows and resolves; making them is not timed. */
function findOwn(rows: Iterable<string>): Run {
  const index = createDuplicateIndex({ threshold, seed: 1 });
  let milliseconds = 0;
  let batch: string[] = [];
  const addBatch = (): void => {
    const begun = performance.now();
    for (const text of batch) index.add({ text, helpfulness: 0 });
    milliseconds += performance.now() - begun;
    batch = [];
  };
  for (const text of rows) if (batch.push(text) === 1_000) addBatch();
  addBatch();
  const bytes = index.bytes;
  const begun = performance.now();
  const { kind } = index.resolve();
  milliseconds += performance.now() - begun;
  const kept = [...kind.entries()].flatMap(([row, of]) => (of === duplicateKinds.kept ? [row] : []));
  return { seconds: milliseconds / 1000, kept, bytes };
}

async function findByPeer({ python, file }: { python: string; file: string }): Promise<Pick<Run, 'seconds' | 'kept'>> {
  const script = fileURLToPath(new URL('duplicates/peer_datasketch.py', import.meta.url));
  const { stdout } = await execa(python, [script, file], { env: { PYTHONHASHSEED: '1' } });
  return JSON.parse(stdout) as Pick<Run, 'seconds' | 'kept'>;
}

/** Both on the same rows, in turn, so that they see the same machine. */
async function compareSpeed(python: string): Promise<void> {
  const rows = [...reviewTexts({ rows: peerRows, seed: 1 })];
  const folder = await mkdtemp(join(tmpdir(), 'understudy-bench-'));
  try {
    const file = join(folder, 'rows.jsonl');
    await writeFile(file, rows.map((text) => `${JSON.stringify(text)}\n`).join(''));
    for (let warmUp = 0; warmUp < 3; warmUp += 1) findOwn(rows);
    const own: number[] = [];
    const peer: number[] = [];
    for (let done = 0; done < repetitions; done += 1) {
      const runs = Array.from({ length: runsForOne }, () => findOwn(rows).seconds);
      own.push((peerRows * runsForOne) / runs.reduce((sum, seconds) => sum + seconds, 0));
      peer.push(peerRows / (await findByPeer({ python, file })).seconds);
    }
    const ratio = median(own.map((value, index) => value / peer[index]!));
    report({
      bench,
      metric: `rows a second on ${peerRows} rows`,
      value: median(own),
      unit: 'rows/s',
      spread: spreadOf(own),
      peer: 'datasketch 2.0.0',
      peerValue: median(peer),
      ratio,
      target: `>= ${targets.ratio} times the peer`,
      ok: ratio >= targets.ratio,
      note: `peer from ${Math.round(Math.min(...peer))} to ${Math.round(Math.max(...peer))}`,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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
  const folder = await mkdtemp(join(tmpdir(), 'understudy-bench-'));
  const file = join(folder, 'rows.jsonl');
  await writeFile(file, rows.map((text) => `${JSON.stringify(text)}\n`).join(''));
  const own = quality({ rows, pairs, kept: findOwn(rows).kept });
  const peer = quality({ rows, pairs, kept: (await findByPeer({ python, file })).kept });
  await rm(folder, { recursive: true, force: true });
  const closest = Math.min(...pairs.map(([one, other]) => exactJaccard(rows[one]!, rows[other]!)));
  for (const metric of ['recall', 'precision'] as const)
    report({
      bench,
      metric: `${metric} against brute force on ${bruteForceRows} rows`,
      value: own[metric],
      unit: 'share',
      peer: 'datasketch 2.0.0',
      peerValue: peer[metric],
      target: `>= ${targets[metric]}`,
      ok: own[metric] >= targets[metric],
      note: `${pairs.length} pairs at or above ${threshold}, the closest ${closest.toFixed(3)}`,
    });
}

function measureGrowth(): void {
  const perRow: number[] = [];
  for (const size of sizes) {
    const run = findOwn(reviewTexts({ rows: size, seed: 3 }));
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
const python = await peerPython({
  name: 'datasketch',
  requirements: new URL('duplicates/requirements.txt', import.meta.url),
});
await compareSpeed(python);
await compareQuality(python);
measureGrowth();
