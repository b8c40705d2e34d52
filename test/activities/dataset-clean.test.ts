import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { cleanToSpill } from '../../src/activities/dataset-clean.js';
import { createLineWriter, type WrittenFile } from '../../src/activities/dataset-files.js';
import type { Pulse } from '../../src/activities/dataset-input.js';
import type { RawItem } from '../../src/activities/dataset-source.js';
import type { CleanResult } from '../../src/domain/dataset/clean-record.js';
import { planDataset } from '../../src/domain/dataset/plan.js';
import { createPseudonyms } from '../../src/domain/dataset/pseudonyms.js';
import { parseSpillLine } from '../../src/domain/dataset/spill.js';
import { examplesKept } from '../../src/domain/dataset/step-examples.js';
import { dataSpecSchema } from '../../src/domain/spec/data-spec.js';

const plan = planDataset({
  data: dataSpecSchema.parse({
    ...{ recipe: 'support-tickets', source: { kind: 'csv', uri: 'a' }, goldenSet: 'g', cluster: 'shop' },
    validation: [{ column: 'shop', rule: 'required' }],
  }),
  pseudonyms: createPseudonyms({ key: 'a key of sixteen or more' }),
});

const item = (row: number): RawItem =>
  row % 50 === 0
    ? {
        kind: 'unreadable',
        letter: { row, line: row, reason: 'unreadable', column: null, detail: 'no', record: ['jo@example.org'] },
      }
    : {
        kind: 'record',
        record: {
          ...{ row, line: row },
          fields: {
            ...{ ticket_id: `T-${row}`, customer_id: `jo${row}@example.org`, shop: 'nl', resolved: row % 7 !== 0 },
            ...{ customer_query: `<b>Where</b> is the parcel ${row} of jo${row}@example.org?`, category: 'tracking' },
            agent_response: row % 11 === 0 ? 'x'.repeat(50_000) : `Parcel ${row} waits for you.`,
          },
        },
      };

async function* items(count: number, end: Error | null = null): AsyncGenerator<RawItem> {
  for (let row = 1; row <= count; row += 1) yield item(row);
  if (end !== null) throw end;
}

describe('cleaning', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-clean-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function clean({
    records,
    threads,
    pulse = () => undefined,
  }: {
    records: AsyncIterable<RawItem>;
    threads: boolean;
    pulse?: Pulse;
  }): Promise<WrittenFile> {
    const writer = createLineWriter({ path: join(folder, `threads-${threads}.jsonl`) });
    await cleanToSpill({ records, plan, writer, threads, pulse });
    return await writer.close();
  }

  it('makes the same of every row in threads and without, each once and in its order', async () => {
    const counts: { read?: number; deadLettered?: number }[] = [];
    const here = await clean({ records: items(8000), threads: false });
    const inThreads = await clean({ records: items(8000), threads: true, pulse: (count) => counts.push(count) });
    const [written, others] = await Promise.all([here, inThreads].map(({ path }) => readFile(path, 'utf8')));
    expect(written).to.not.contain('jo@').and.not.contain('@example');
    const [results, inTurn] = [written!, others!].map((text) => text.split('\n').filter(Boolean).map(parseSpillLine));
    const withoutExamples = (all: CleanResult[]) => all.map((one) => (one.row ? { ...one.row, examples: [] } : one));
    expect(withoutExamples(inTurn!)).to.deep.equal(withoutExamples(results!));
    const firstOf = (all: CleanResult[], step: string) =>
      all.flatMap(({ row }) => row?.examples.filter((one) => one.step === step) ?? []).slice(0, examplesKept);
    for (const step of ['normalise', 'redact']) expect(firstOf(inTurn!, step)).to.deep.equal(firstOf(results!, step));
    expect(firstOf(results!, 'redact')).to.have.length(examplesKept);
    const places = inTurn!.map(({ row, letter }) => (row ?? letter).row);
    expect(places).to.deep.equal(Array.from({ length: 8000 }, (_, index) => index + 1));
    const letters = inTurn!.filter(({ letter }) => letter !== null).length;
    expect(letters).to.be.above(1000);
    expect(counts.at(-1)).to.deep.include({ read: 8000, deadLettered: letters });
  });

  it('ends when the source breaks off, and when it is told to, without a thread that goes on', async () => {
    const broken = clean({ records: items(9000, new Error('the source broke off')), threads: true });
    expect(String(await broken.catch((error: unknown) => error))).to.contain('the source broke off');
    const pulse: Pulse = ({ read }) => {
      if (read! >= 3000) throw new Error('cancelled');
    };
    const told = clean({ records: items(100_000), threads: true, pulse });
    expect(String(await told.catch((error: unknown) => error))).to.contain('cancelled');
  });
});
