import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { loadTable, readParquetRows } from '../../src/activities/dataset-parquet.js';
import { createTableWriter } from '../../src/activities/dataset-table.js';
import { PortError } from '../../src/activities/ports.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import type { Scalar } from '../../src/domain/dataset/data-row.js';
import type { TableColumn } from '../../src/domain/dataset/recipes.js';

const columns: TableColumn[] = [
  { name: 'text', type: 'text' },
  { name: 'votes', type: 'number' },
  { name: 'verified', type: 'truth' },
  { name: 'at', type: 'time' },
];
const row = (index: number): Record<string, Scalar> => ({
  text: index % 7 === 0 ? null : `Größe ${index} "quoted"\nnext line`,
  votes: index % 3 === 0 ? null : index / 2,
  verified: index % 5 === 0 ? null : index % 2 === 0,
  at: index % 4 === 0 ? null : new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString(),
});

describe('published tables', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-table-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function write(
    file: string,
    rows: number,
  ): Promise<{ path: string; sha256: string; bytes: number; rows: number }> {
    const writer = await createTableWriter({ path: join(folder, file), columns });
    for (let index = 0; index < rows; index += 1) await writer.write(row(index));
    return await writer.close();
  }

  it('come back as they were written, over several row groups', async () => {
    const { path, rows } = await write('a.parquet', 25_000);
    expect(rows).to.equal(25_000);
    let index = 0;
    for await (const item of readParquetRows({ path, name: 'a', only: null })) {
      if (item.kind === 'columns') expect(item.columns).to.deep.equal(columns.map(({ name }) => name));
      if (item.kind !== 'record') continue;
      if (index % 997 === 0) expect(item.record).to.deep.equal({ row: index + 1, line: index + 1, fields: row(index) });
      index += 1;
    }
    expect(index).to.equal(25_000);
  });

  it('are the same bytes each time, compressed', async () => {
    const [one, other] = [await write('b.parquet', 3000), await write('c.parquet', 3000)];
    expect(one.sha256).to.equal(other.sha256);
    expect((await readFile(one.path)).subarray(0, 4).toString()).to.equal('PAR1');
    expect(one.bytes).to.be.below(50_000);
  });

  it('can be empty', async () => {
    const { path } = await write('d.parquet', 0);
    const items = [];
    for await (const item of readParquetRows({ path, name: 'd', only: null })) items.push(item.kind);
    expect(items).to.deep.equal(['columns']);
  });

  it('are read from the store only as what they were published as', async () => {
    const store = new DirectoryStore({ root: join(folder, 'store') });
    const { path } = await write('e.parquet', 10);
    const ref = await store.putFile({ key: 'datasets/m/d/rows.parquet', path });
    const schema = z.object({ votes: z.number().nullable() });
    expect(await loadTable({ store, ref, schema })).to.have.length(10);
    const error: unknown = await loadTable({ store, ref: { ...ref, sha256: 'a'.repeat(64) }, schema }).catch(
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(PortError);
    expect(error).to.include({ type: 'DigestMismatch' });
  });
});
