import { MockActivityEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatasetActivities } from '../../src/activities/datasets.js';
import { type ModelRegistry, PortError } from '../../src/activities/ports.js';
import { readParquetRows } from '../../src/activities/dataset-parquet.js';
import { ExternalSources } from '../../src/adapters/data-sources/data-sources.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import type { DatasetSummary } from '../../src/contracts/release.js';
import { createPseudonyms } from '../../src/domain/dataset/pseudonyms.js';
import { refKey } from '../../src/domain/artifact-ref.js';
import { deadLetterSchema } from '../../src/domain/dataset/dead-letter.js';
import { datasetManifestSchema } from '../../src/domain/dataset/manifest.js';
import { digestOf } from '../../src/domain/release/evidence.js';
import { defaultPrompt } from '../../src/domain/release/prompt.js';
import { modelSpecSchema } from '../../src/domain/spec/model-spec.js';

const header = 'ticket_id,customer_id,customer_query,agent_response,category,resolved';
const goodRow = (index: number): string =>
  `T-${index},C-${index % 40},"Where, please, is my parcel number ${index}\nright now?","Parcel ${index} is at the depot, ""Utrecht"".",tracking,true`;
const goodRows = (count: number): string[] => Array.from({ length: count }, (_, index) => goodRow(index));
const unrelated = { id: 'g1', input: 'How much is a box of ten kilos to Norway by air?', reference: 'It is 31 euros.' };

interface Case {
  content: string | Uint8Array | null;
  file?: string;
  data?: Record<string, unknown>;
  golden?: Record<string, unknown>;
}

/** The part of MLflow that a data set is told to. */
function inputLog() {
  const logged: { digest: string; source: string; rows: number }[] = [];
  const registry = {
    ensureRun: async ({ releaseId }: { releaseId: string }) => ({ runId: `run of ${releaseId}` }),
    logDataset: async (input: { digest: string; source: string; rows: number }) => void logged.push(input),
  } as unknown as ModelRegistry;
  return { registry, logged };
}

const pseudonyms = createPseudonyms({ key: null });
const tokenizers = { open: async () => null };

describe('prepareDataset', () => {
  const sources = new ExternalSources();
  const { registry, logged } = inputLog();
  let folder: string;
  let store: DirectoryStore;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-datasets-'));
    store = new DirectoryStore({ root: join(folder, 'store') });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function prepare({
    content,
    file = 'tickets.csv',
    data = {},
    golden = unrelated,
  }: Case): Promise<DatasetSummary> {
    const uri = join(folder, file);
    if (content !== null) await writeFile(uri, content);
    const kind = file.endsWith('.csv') ? 'csv' : 'jsonl';
    const spec = modelSpecSchema.parse({
      apiVersion: 'understudy/v1',
      model: 'support-assistant',
      base: { id: 'tiny' },
      data: { recipe: 'support-tickets', source: { kind, uri }, goldenSet: 'golden.jsonl', ...data },
      evaluation: { preset: 'support-deterministic' },
    });
    const goldenRef = await store.put({ key: 'golden/desk/v1.jsonl', body: Buffer.from(JSON.stringify(golden)) });
    const document = {
      version: 1,
      spec,
      golden: { name: 'desk', version: 'v1', ref: goldenRef },
      prompt: { ...defaultPrompt, system: 'You help.' },
      promptDigest: digestOf(defaultPrompt),
      overlays: [],
    };
    const key = 'specs/support-assistant/one.json';
    const specification = await store.put({ key, body: Buffer.from(JSON.stringify(document)) });
    return createDatasetActivities({
      store,
      sources,
      registry,
      codeCommit: null,
      pseudonyms,
      tokenizers,
    }).prepareDataset({
      releaseId: 'support-assistant-r1',
      specification,
    });
  }

  const read = async (ref: { uri: string }): Promise<string> =>
    readFile(await store.localPath({ key: refKey(ref) }), 'utf8');
  const lines = (text: string): unknown[] =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line): unknown => JSON.parse(line));
  const tableOf = async (summary: DatasetSummary): Promise<Record<string, unknown>[]> => {
    const rows: Record<string, unknown>[] = [];
    const path = await store.localPath({ key: refKey(summary.table) });
    for await (const item of readParquetRows({ path, name: path, only: null }))
      if (item.kind === 'record') rows.push(item.record.fields);
    return rows;
  };
  const companion = (summary: DatasetSummary, file: string): { uri: string } => ({
    uri: summary.manifest.uri.replace('manifest.json', file),
  });
  const publishedKeys = async (): Promise<number> => {
    let count = 0;
    for await (const { key } of store.list({ prefix: 'datasets' })) count += key === '' ? 0 : 1;
    return count;
  };

  async function refusal(input: Case): Promise<PortError> {
    const error: unknown = await prepare(input).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(PortError);
    return error as PortError;
  }

  it('publishes chats, table, dead letters and manifest, and loses no row', async () => {
    const content = `\ufeff${header}\r\n${[
      ...goodRows(100),
      'T-200,C-1,"Where is <b>my</b> refund for order 17?",,billing,true',
      'T-201,C-1,What about the refund for order 17?,It was sent to your bank on Monday.,billing,no',
      'T-202,C-1,too,few',
      goodRow(7).replace('T-7', 'T-203'),
    ].join('\r\n')}\r\n`;
    const summary = await prepare({ content });
    expect(summary).to.include({ name: 'support-assistant', read: 104, rows: 100 });
    const { digest: version, manifest: source } = summary;
    expect(logged.at(-1)).to.include({
      digest: version,
      source: source.uri,
      rows: 100,
      runId: 'run of support-assistant-r1',
    });
    expect(summary.deadLettered).to.deep.equal({ emptyAnswer: 1, unresolved: 1, unreadable: 1, duplicate: 1 });
    const train = lines(await read(summary.train));
    const validation = lines(await read(summary.validation));
    expect(train.length + validation.length).to.equal(100);
    expect(train[0]).to.deep.equal({
      messages: [
        { role: 'system', content: 'You help.' },
        { role: 'user', content: 'Where, please, is my parcel number 0\nright now?' },
        { role: 'assistant', content: 'Parcel 0 is at the depot, "Utrecht".' },
      ],
    });
    const letters = lines(await read(companion(summary, 'dead-letters.jsonl'))).map((one) =>
      deadLetterSchema.parse(one),
    );
    expect(letters.map(({ row, reason }) => [row, reason])).to.deep.equal([
      [101, 'emptyAnswer'],
      [102, 'unresolved'],
      [103, 'unreadable'],
      [104, 'duplicate'],
    ]);
    expect(letters[2]).to.deep.include({ record: ['T-202', 'C-1', 'too', 'few'], line: 204 });
    const { digest, provenance, ...sealed } = datasetManifestSchema.parse(JSON.parse(await read(summary.manifest)));
    expect(digest).to.equal(summary.digest).and.to.equal(digestOf(sealed));
    expect(provenance).to.deep.equal({ codeCommit: null, previous: null, tokens: null });
    expect(sealed.counts).to.include({ read: 104, published: 100, train: train.length });
    expect(sealed.files.find(({ file }) => file === 'train.jsonl')?.sha256).to.equal(summary.train.sha256);
    const table = (await tableOf(summary)) as { cluster: string; split: string }[];
    const sides = new Map<string, Set<string>>();
    for (const { cluster, split } of table) sides.set(cluster, (sides.get(cluster) ?? new Set()).add(split));
    expect([...sides.values()].map((seen) => seen.size)).to.deep.equal(Array.from({ length: 40 }, () => 1));
  });

  it('gives the same digest for the same bytes elsewhere, and another for other settings', async () => {
    const content = [header, ...goodRows(80)].join('\n');
    const first = await prepare({ content });
    expect(await prepare({ content, file: 'moved.csv' })).to.deep.equal(first);
    expect((await prepare({ content, data: { seed: 2 } })).digest).not.to.equal(first.digest);
  });

  it('reads JSONL with mapped columns, and makes dead letters of lines that are no object', async () => {
    const rows = Array.from({ length: 60 }, (_, index) =>
      JSON.stringify({
        ticket_id: index,
        who: `C-${index}`,
        question: `What does parcel class ${index} cost to send?`,
        agent_response: `Class ${index} costs ${index} euros.`,
        category: 'price',
        resolved: true,
      }),
    );
    const columns = { customer_query: 'question', who: 'customer_id' };
    const summary = await prepare({
      content: [...rows, '{"ticket_id": 60', '[1]'].join('\n'),
      file: 'tickets.jsonl',
      data: { source: { kind: 'jsonl', uri: join(folder, 'tickets.jsonl'), columns }, cluster: 'who' },
    });
    expect(summary).to.deep.include({ read: 62, rows: 60, deadLettered: { unreadable: 2 } });
    const table = await tableOf(summary);
    expect(table[5]?.cluster).to.equal('C-5');
  });

  it('removes rows that hold golden cases, and refuses when they are too many', async () => {
    const golden = { id: 'g1', input: 'where please is my parcel number 3 right now', reference: 'At the depot.' };
    const content = [header, ...goodRows(80)].join('\n');
    const summary = await prepare({ content, golden });
    expect(summary.deadLettered).to.deep.equal({ contaminated: 1 });
    const manifest = datasetManifestSchema.parse(JSON.parse(await read(summary.manifest)));
    expect(manifest.contamination.removed).to.deep.equal([{ row: 4, caseId: 'g1', overlap: 1, by: 'ngram' }]);
    const error = await refusal({ content, golden, data: { contamination: { refuseOver: '1%' } } });
    expect(error.type).to.equal('DataRefused');
    expect(error.message).to.contain('1.3 % > 1.0 %');
  });

  const table = (...added: string[]): string => [header, ...goodRows(60), ...added].join('\n');
  const latin1 = Buffer.concat([
    Buffer.from(`${header}\n${goodRow(1)}\nT-2,C-2,"caf`),
    Buffer.from([0xe9, 0x22, 0x2c]),
  ]);
  const unique = { validation: [{ column: 'ticket_id', rule: 'unique' }] };
  const later = (kind: string, uri: string): Record<string, unknown> => ({ source: { kind, uri } });
  const refusals: [name: string, input: Case, type: string, parts: string[]][] = [
    ['a missing file', { content: null, file: 'nowhere.csv' }, 'InvalidInput', ['nowhere.csv', 'no such file']],
    ['a relative path', { content: '', data: later('csv', 'a.csv') }, 'InvalidInput', ['"a.csv"', 'absolute']],
    ['an empty file', { content: '' }, 'InvalidInput', ['no rows']],
    ['a header alone', { content: `${header}\n` }, 'InvalidInput', ['no rows']],
    ['another delimiter', { content: table().replaceAll(',', ';') }, 'InvalidInput', ['only one column', '";"']],
    [
      'missing columns',
      { content: 'ticket_id,text\n1,a\n' },
      'InvalidInput',
      ['customer_query', 'customer_id', 'has ticket_id, text'],
    ],
    ['bytes that are not UTF-8', { content: latin1 }, 'InvalidInput', ['line 4', 'not UTF-8']],
    ['a quote never closed', { content: table('T-99,C-1,"no end') }, 'InvalidInput', ['row 61', 'uote']],
    ['a field of 2 MB', { content: table(`T-99,C-1,${'x'.repeat(2e6)}`) }, 'InvalidInput', ['row 61', '1000000']],
    ['a JSON line of 2 MB', { content: 'x'.repeat(2e6), file: 'a.jsonl' }, 'InvalidInput', ['line 1', '1000000']],
    [
      'too few rows',
      { content: [header, ...goodRows(49)].join('\n') },
      'DataRefused',
      ['49 rows < 50', 'data.minimumRows'],
    ],
    [
      'a broken rule',
      { content: table(goodRow(70).replace('T-70', 'T-1')), data: unique },
      'DataRefused',
      ['column ticket_id', 'row 61', '"T-1" stands in row 2'],
    ],
    ['one cluster', { content: table(), data: { cluster: 'category' } }, 'DataRefused', ['1 clusters', 'data.cluster']],
    [
      'a golden set that is none',
      { content: table(), golden: { id: 'g' } },
      'InvalidInput',
      ['golden set desk v1', 'line 1, input'],
    ],
  ];
  for (const [name, input, type, parts] of refusals) {
    it(`refuses ${name}, says where, and publishes nothing`, async () => {
      const before = await publishedKeys();
      const error = await refusal(input);
      expect(error.type).to.equal(type);
      for (const part of parts) expect(error.message).to.contain(part);
      expect(await publishedKeys()).to.equal(before);
    });
  }

  it('names a published file that somebody changed', async () => {
    const content = [header, ...goodRows(90)].join('\n');
    const { train } = await prepare({ content });
    await store.put({ key: refKey(train), body: Buffer.from('tampered') });
    const error = await refusal({ content });
    expect(error.type).to.equal('DigestMismatch');
    expect(error.message).to.contain(train.uri);
  });

  it('says with heartbeats how far it is, and stops when it is cancelled', async () => {
    const environment = new MockActivityEnvironment();
    const beats: unknown[] = [];
    environment.on('heartbeat', (details: unknown) => {
      beats.push(details);
      if (beats.length === 2) environment.cancel();
    });
    const content = [header, ...goodRows(3000)].join('\n');
    const outcome: unknown = await environment.run(() => prepare({ content })).catch((error: unknown) => error);
    expect(outcome).to.have.property('name', 'CancelledFailure');
    expect(beats).to.deep.equal([
      { step: 'reading', read: 500, deadLettered: 0 },
      { step: 'reading', read: 1000, deadLettered: 0 },
    ]);
  });
});
