import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { createDuplicateIndex } from '../../src/domain/dataset/near-duplicates/duplicate-index.js';
import { duplicateKinds } from '../../src/domain/dataset/near-duplicates/duplicate-resolution.js';
import type { RedactionPattern, Span } from '../../src/domain/dataset/redaction/personal-data.js';
import { peerPython } from './peer-environment.js';

export const presidio = 'presidio-analyzer 2.2.360, pattern recognisers';
export const datasketch = 'datasketch 2.0.0';
export const threshold = 0.85;

const beside = (path: string): URL => new URL(`../${path}`, import.meta.url);

export const presidioPython = (): Promise<string> =>
  peerPython({ name: 'presidio', requirements: beside('redaction/requirements.txt') });

export const datasketchPython = (): Promise<string> =>
  peerPython({ name: 'datasketch', requirements: beside('duplicates/requirements.txt') });

async function withFile<Value>(content: string, work: (file: string) => Promise<Value>): Promise<Value> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-bench-'));
  try {
    const file = join(folder, 'rows');
    await writeFile(file, content);
    return await work(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export interface FoundByPeer {
  /** Of the search alone. */
  seconds: number;
  /** The most memory of its process. */
  peakMegabytes: number;
  found: Span[][];
}

/** What Presidio finds in texts. */
export const findByPresidio = ({
  python,
  patterns,
  rows,
}: {
  python: string;
  patterns: readonly RedactionPattern[];
  rows: readonly { text: string; language: string }[];
}): Promise<FoundByPeer> =>
  withFile(JSON.stringify({ patterns, rows: rows.map(({ text, language }) => ({ text, language })) }), async (file) => {
    const script = fileURLToPath(beside('redaction/peer_presidio.py'));
    const { stdout } = await execa(python, [script, file], { maxBuffer: 2 ** 28 });
    return JSON.parse(stdout) as FoundByPeer;
  });

/** The most memory of a process that redacts with ours and does nothing else, in MB. */
export const memoryOfRedaction = ({
  patterns,
  rows,
}: {
  patterns: readonly RedactionPattern[];
  rows: readonly { text: string }[];
}): Promise<number> =>
  withFile(JSON.stringify({ patterns, rows: rows.map(({ text }) => ({ text })) }), async (file) => {
    const script = fileURLToPath(beside('support/redact-rows.ts'));
    const { stdout } = await execa(process.execPath, ['--import', 'tsx', script, file]);
    return (JSON.parse(stdout) as { peakMegabytes: number }).peakMegabytes;
  });

export interface DuplicateRun {
  seconds: number;
  /** Rows that stay. */
  kept: number[];
  /** What the index held; of the peer what its process grew by. */
  bytes: number;
}

/** Which rows datasketch keeps, and the seconds of its search alone. */
export const dedupeByDatasketch = ({
  python,
  rows,
}: {
  python: string;
  rows: readonly string[];
}): Promise<DuplicateRun> =>
  withFile(rows.map((text) => `${JSON.stringify(text)}\n`).join(''), async (file) => {
    const script = fileURLToPath(beside('duplicates/peer_datasketch.py'));
    const { stdout } = await execa(python, [script, file], { env: { PYTHONHASHSEED: '1' } });
    return JSON.parse(stdout) as DuplicateRun;
  });

/** Which rows our index keeps; making the rows is not timed. */
export function dedupe(rows: Iterable<string>): DuplicateRun {
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
