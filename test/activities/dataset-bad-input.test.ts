import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { readLatest, type PublishedDataset } from '../../src/activities/dataset-publishing.js';
import { createTableWriter } from '../../src/activities/dataset-table.js';
import { PortError } from '../../src/activities/ports.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { deadLetterSchema, type DeadLetter } from '../../src/domain/dataset/dead-letter.js';
import { builtDataset, publishedLines } from './support/built-dataset.js';

const header = 'ticket_id,customer_id,created_at,customer_query,agent_response,category,resolved';
const good = (index: number, createdAt = '2026-03-31'): string =>
  `T-${index},C-${index % 30},${createdAt},Where is the parcel ${index} that I sent to shelf ${index * 3}?,Parcel ${index} waits on shelf ${index * 3}.,tracking,true`;
const rows = (count: number): string[] => Array.from({ length: count }, (_, index) => good(index));

describe('bad input', () => {
  let folder: string;
  let store: DirectoryStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-bad-input-'));
    store = new DirectoryStore({ root: join(folder, 'store') });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const build = (source: Record<string, unknown>, data: Record<string, unknown> = {}): Promise<PublishedDataset> =>
    builtDataset({ store, data: { source, ...data }, question: 'How much is a box of ten kilos to Norway?' });
  async function buildCsv(text: string, data: Record<string, unknown> = {}): Promise<PublishedDataset> {
    const uri = join(folder, 'tickets.csv');
    await writeFile(uri, text);
    return await build({ kind: 'csv', uri }, data);
  }
  async function refusal(work: Promise<unknown>): Promise<PortError> {
    const error: unknown = await work.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(PortError);
    expect((await readLatest({ store, name: 'm' })).latest).to.equal(null);
    expect((await readdir(join(folder, 'store'))).filter((name) => name === 'datasets')).to.deep.equal([]);
    return error as PortError;
  }
  async function lettersOf(dataset: PublishedDataset): Promise<DeadLetter[]> {
    const lines = await publishedLines({ store, dataset, file: 'dead-letters.jsonl' });
    return lines.map((line) => deadLetterSchema.parse(JSON.parse(line)));
  }

  it('names the row of a field of 50 MB', async () => {
    const text = [header, ...rows(60), `T-99,C-1,2026-03-31,${'x'.repeat(50e6)},a b c,tracking,true`].join('\n');
    const error = await refusal(buildCsv(text));
    expect(error.type).to.equal('InvalidInput');
    expect(error.message)
      .to.contain('row 61 (near line 62, column 4 customer_query)')
      .and.to.contain('longer than 1000000 characters');
  });

  it('names the row of a JSON line of 50 MB, also behind empty lines', async () => {
    const uri = join(folder, 'tickets.jsonl');
    await writeFile(uri, ['{}', '', '{}', `{"customer_query":"${'x'.repeat(50e6)}"}`].join('\n'));
    expect((await refusal(build({ kind: 'jsonl', uri }))).message).to.contain('row 3 (line 4) is longer than 1000000');
  });

  it('says that a JSON array is no JSONL', async () => {
    const uri = join(folder, 'tickets.jsonl');
    await writeFile(uri, JSON.stringify([{ ticket_id: 'T-1' }, { ticket_id: 'T-2' }], null, 1));
    expect((await refusal(build({ kind: 'jsonl', uri }))).message).to.contain('none of its 8 lines is a JSON object');
  });

  it('says what a file is that is no text in UTF-8, and where one stops being that', async () => {
    const text = [header, ...rows(60), good(61).replace('parcel', 'p\u00e4ckchen')].join('\n');
    const kinds: [Buffer, string][] = [
      [gzipSync(text), 'compressed by gzip; expected text in UTF-8: unpack it'],
      [Buffer.from(`\ufeff${text}`, 'utf16le'), 'text in UTF-16'],
      [Buffer.from('PK\u0003\u0004'), 'a workbook'],
      [Buffer.from(text, 'latin1'), 'line 62, byte 35 is not UTF-8'],
    ];
    const uri = join(folder, 'tickets.csv');
    for (const [bytes, said] of kinds) {
      await writeFile(uri, bytes);
      const error = await refusal(build({ kind: 'csv', uri }));
      expect(error.type).to.equal('InvalidInput');
      expect(error.message).to.contain(said);
    }
  });

  it('guesses the delimiter also where a name of the header holds a comma', async () => {
    const text = [header, ...rows(60)].join('\n').replaceAll(',', ';').replace('category', '"kind, of ticket"');
    expect((await refusal(buildCsv(text))).message).to.contain('it looks separated by ";"');
  });

  it('shows nothing of the first row where a header is missing', async () => {
    const row = 'T-1,mail jo@example.org please,We did,a,true,C-1,2026-03-31';
    for (const text of [row, row.replaceAll(',', ';'), `${row},jo@example.org,jo@example.org`])
      expect((await refusal(buildCsv(`${text}\n${text}\n`))).message).to.not.contain('jo@');
  });

  it('names no column by personal data that stands in its name', async () => {
    const uri = join(folder, 'tickets.jsonl');
    const lines = rows(60).map((line) => {
      const values = line.split(',');
      const fields = header.split(',').map((name, index): [string, unknown] => [name, values[index]]);
      return JSON.stringify({ ...Object.fromEntries(fields), 'jo@example.org': 1 });
    });
    await writeFile(uri, lines.join('\n'));
    const { manifest } = await build({ kind: 'jsonl', uri });
    expect(JSON.stringify(manifest)).to.contain('[EMAIL_1]').and.not.contain('jo@');
  });

  it('names the row of a quote that breaks off behind others', async () => {
    const text = [header, ...rows(30), '"T-31"x,b'].join('\n');
    expect((await refusal(buildCsv(text))).message).to.contain('row 31 (near line 32');
  });

  it('names no person and no ticket in the manifest, which has the profile and the lists of rows', async () => {
    const uri = join(folder, 'tickets.csv');
    const named = rows(100).map((row, index) => `${row},Agent ${index % 4}`);
    const golden = 'How much is a box of ten kilos to Norway?';
    const leaked = good(100).replace(/Where[^,]*/, golden);
    await writeFile(uri, [`${header},agent`, ...named, `${leaked},Agent 1`].join('\n'));
    const validation = [{ column: 'agent', rule: 'required' }];
    const { manifest } = await build({ kind: 'csv', uri }, { validation });
    expect(manifest.contamination.removed).to.have.length(1);
    expect(JSON.stringify(manifest)).not.to.match(/[CT]-\d|Agent \d/);
    const { columns } = manifest.profile;
    expect(columns.find(({ column }) => column === 'customer_id')).to.include({ distinct: 30, values: null });
    const [categories] = columns.filter(({ column }) => column === 'category');
    expect(categories!.values).to.deep.equal([{ value: 'tracking', rows: 100 }]);
  });

  it('shows no value of a row with a quote in the middle, also not in what stands behind the refusal', async () => {
    const { message, cause } = await refusal(buildCsv([header, ...rows(30), 'T-31,jo@example.org "Jo",b'].join('\n')));
    expect(message).to.contain('row 31').and.contain('a quote stands inside a field');
    expect(`${message} ${JSON.stringify(cause)} ${String(cause)}`).to.not.contain('jo@');
  });

  it('refuses keys that are new in every row, naming the row and none of them', async () => {
    const uri = join(folder, 'tickets.jsonl');
    const names = header.split(',');
    const lines = rows(1200).map((line, row) => {
      const fields = line.split(',').map((value, index): [string, string] => [names[index]!, value]);
      return JSON.stringify({ ...Object.fromEntries(fields), [`jo${row}@example.org`]: 1 });
    });
    await writeFile(uri, lines.join('\n'));
    const { type, message } = await refusal(build({ kind: 'jsonl', uri }));
    expect(type).to.equal('InvalidInput');
    expect(message).to.contain('row 994 brings column 1001').and.not.contain('jo');
  });

  it('names the row where a bomb of quotes begins', async () => {
    const error = await refusal(buildCsv([header, ...rows(60), `T-99,C-1,2026-03-31,"${'""'.repeat(3e6)}`].join('\n')));
    expect(error.message).to.contain('row 61');
  });

  it('makes dead letters of dates that nobody can read, naming row and column', async () => {
    const dates = ['31/03/2026', 'March 31, 2026', '2026-03-31 10:00', '1774915200'];
    const built = await buildCsv(
      [header, ...rows(60), ...dates.map((date, index) => good(100 + index, date.replace(',', '')))].join('\n'),
    );
    const letters = await lettersOf(built);
    expect(letters.map(({ row, column, reason }) => [row, column, reason])).to.deep.equal([
      [61, 'created_at', 'invalidRow'],
      [62, 'created_at', 'invalidRow'],
      [64, 'created_at', 'invalidRow'],
    ]);
    expect(letters[0]!.detail).to.contain('31/03/2026').and.to.contain('ISO 8601');
  });

  it('names the rows of ids that stand twice', async () => {
    const again = good(70).replace('T-70', 'T-3');
    const text = [header, ...rows(60), again].join('\n');
    const error = await refusal(buildCsv(text));
    expect(error.type).to.equal('DataRefused');
    expect(error.message)
      .to.contain('row 61 (line 62): "T-3" stands in row 4 already')
      .and.contain('data.uniqueIds: false');
    expect((await buildCsv(text, { uniqueIds: false })).manifest.counts.published).to.equal(61);
  });

  it('takes no word for a truth that only JavaScript knows', async () => {
    const built = await buildCsv([header, ...rows(60), good(70).replace(/true$/, 'constructor')].join('\n'));
    expect((await lettersOf(built)).map(({ row, column }) => [row, column])).to.deep.equal([[61, 'resolved']]);
  });

  describe('in Parquet', () => {
    const columns = ['ticket_id', 'customer_id', 'customer_query', 'agent_response', 'category', 'resolved'];
    async function parquet(count: number, longAnswer = 0): Promise<string> {
      const path = join(folder, 'tickets.parquet');
      const writer = await createTableWriter({
        path,
        columns: columns.map((name) => ({ name, type: 'text' as const })),
      });
      for (let index = 0; index < count; index += 1) {
        const [id, customer, , query, answer, category, resolved] = good(index).split(',');
        await writer.write({
          ...{ ticket_id: id!, customer_id: customer!, customer_query: query!, agent_response: answer! },
          ...(index === count - 1 && longAnswer > 0
            ? { agent_response: 'ask jo@example.org '.repeat(longAnswer) }
            : {}),
          ...{ category: category!, resolved: resolved! },
        });
      }
      await writer.close();
      return path;
    }

    it('reads a whole file', async () => {
      const uri = await parquet(80);
      expect((await build({ kind: 'parquet', uri })).manifest.counts).to.include({ read: 80, published: 80 });
    });

    it('says that a file was cut off, and that a file is none', async () => {
      const uri = await parquet(80);
      await truncate(uri, 1000);
      expect((await refusal(build({ kind: 'parquet', uri }))).message)
        .to.contain('tickets.parquet')
        .and.contain('cut off');
      await writeFile(uri, 'ticket_id,customer_id\n');
      expect((await refusal(build({ kind: 'parquet', uri }))).type).to.equal('InvalidInput');
      await writeFile(uri, '');
      expect((await refusal(build({ kind: 'parquet', uri }))).message).to.contain('it is empty');
      await rm(uri);
      expect((await refusal(build({ kind: 'parquet', uri }))).message).to.contain('there is no such file');
    });

    it('makes a dead letter of a field of 20 MB, naming row and column, without reading all of it', async () => {
      const built = await build({ kind: 'parquet', uri: await parquet(80, 1e6) });
      const [letter, ...others] = await lettersOf(built);
      expect(others).to.deep.equal([]);
      expect(letter).to.include({ row: 80, column: 'agent_response', reason: 'invalidRow' });
      expect(letter!.detail).to.contain('at most 100000 characters');
      expect(JSON.stringify(letter)).to.contain('(19000000 characters)').and.not.contain('jo@');
    });
  });

  it('lets one of two runs at the same time be the latest; both are whole', async () => {
    const uri = join(folder, 'tickets.csv');
    await writeFile(uri, [header, ...rows(80)].join('\n'));
    const runs = await Promise.allSettled([1, 2, 3].map((seed) => build({ kind: 'csv', uri }, { seed })));
    const won = runs.flatMap((run) => (run.status === 'fulfilled' ? [run.value.manifest.digest] : []));
    const lost = runs.flatMap((run) => (run.status === 'rejected' ? [run.reason as PortError] : []));
    expect(won).to.have.length(1);
    for (const error of lost) expect(error).to.include({ type: 'Conflict' });
    expect((await readLatest({ store, name: 'm' })).latest?.digest).to.equal(won[0]);
    const versions = (await readdir(join(folder, 'store', 'datasets', 'm'))).filter((name) => name !== 'latest');
    for (const version of versions)
      expect(await readdir(join(folder, 'store', 'datasets', 'm', version))).to.include('manifest.json');
  });

  it('lets two runs of the same input both succeed', async () => {
    const uri = join(folder, 'tickets.csv');
    await writeFile(uri, [header, ...rows(80)].join('\n'));
    const [one, other] = await Promise.all([build({ kind: 'csv', uri }), build({ kind: 'csv', uri })]);
    expect(one.manifest.digest).to.equal(other.manifest.digest);
  });
});
