import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { asyncBufferFromFile, parquetMetadataAsync, type SchemaElement } from 'hyparquet';
import { fileWriter, ParquetWriter, type ColumnSource } from 'hyparquet-writer';
import { readParquetRows } from '../../src/activities/dataset-parquet.js';
import type { SourceRecord } from '../../src/domain/dataset/dead-letter.js';

/** As warehouses write them: all rows in one group, with lists of numbers beside what people wrote. */
const schema: SchemaElement[] = [
  { name: 'schema', num_children: 3 },
  { name: 'id', type: 'INT32', repetition_type: 'REQUIRED' },
  { name: 'text', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
  { name: 'vector', repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', type: 'DOUBLE', repetition_type: 'OPTIONAL' },
];
const textOf = (row: number): string | null =>
  row % 11 === 0 ? null : `Row ${row} of many ${'and more '.repeat(row % 4)}`;

describe('rows of a Parquet file with one large group', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-parquet-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function write({
    rows,
    indexed,
    text = textOf,
  }: {
    rows: number;
    indexed: boolean;
    text?: (row: number) => string | null;
  }): Promise<string> {
    const path = join(folder, `${rows}-${indexed}-${text === textOf}.parquet`);
    const numbers = Array.from({ length: rows }, (_, row) => row);
    const columnData: ColumnSource[] = [
      { name: 'id', data: numbers },
      { name: 'text', data: numbers.map(text) },
      { name: 'vector', data: numbers.map((row) => [row / 2, row / 4]) },
    ].map((column) => ({ ...column, offsetIndex: indexed, columnIndex: indexed }));
    const writer = new ParquetWriter({ writer: fileWriter(path), schema });
    await writer.write({ columnData, rowGroupSize: rows, pageSize: 20_000 });
    await writer.finish();
    return path;
  }

  async function recordsIn(path: string, only: readonly string[] | null): Promise<SourceRecord[]> {
    const records: SourceRecord[] = [];
    for await (const item of readParquetRows({ path, name: 'rows', only }))
      if (item.kind === 'record') records.push(item.record);
    return records;
  }

  for (const indexed of [true, false])
    it(`are read each once and in order, ${indexed ? 'with' : 'without'} an index of pages`, async () => {
      const path = await write({ rows: 25_000, indexed });
      const { row_groups: groups } = await parquetMetadataAsync(await asyncBufferFromFile(path));
      expect(
        groups.map(({ columns }) => columns.map((column) => column.offset_index_length !== undefined)),
      ).to.deep.equal([[indexed, indexed, indexed]]);
      const records = await recordsIn(path, null);
      expect(records.map(({ fields }) => fields['id'])).to.deep.equal(records.map((_, row) => row));
      expect(records).to.have.length(25_000);
      for (const row of [0, 1, 9_999, 10_000, 10_001, 19_999, 20_000, 24_999])
        expect(records[row]).to.deep.equal({
          ...{ row: row + 1, line: row + 1 },
          fields: { id: row, text: textOf(row), vector: [row / 2, row / 4] },
        });
    });

  it('have the columns that are asked for, and all are named', async () => {
    const path = await write({ rows: 100, indexed: false });
    const [first] = await recordsIn(path, ['id', 'text', 'none of it']);
    expect(first!.fields).to.have.all.keys('id', 'text');
    const items = [];
    for await (const item of readParquetRows({ path, name: 'rows', only: ['id'] })) items.push(item);
    expect(items[0]).to.deep.equal({ kind: 'columns', columns: ['id', 'text', 'vector'] });
  });

  it('are as they were written where they are so long that few fit into memory', async () => {
    const text = (row: number): string => String.fromCharCode(97 + (row % 26)).repeat(1_000_000);
    const records = await recordsIn(await write({ rows: 100, indexed: false, text }), ['text']);
    expect(records.map(({ fields }) => String(fields['text'])[0])).to.deep.equal(
      records.map((_, row) => String.fromCharCode(97 + (row % 26))),
    );
    expect(records).to.have.length(100);
  });
});
