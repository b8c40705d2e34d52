import { expect } from 'chai';
import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { readCsv, readJsonLines, type SourceItem } from '../../src/activities/dataset-source.js';
import { readText } from '../../src/activities/dataset-text.js';

async function* inPieces(text: string, size: number): AsyncGenerator<string> {
  for (let start = 0; start < text.length; start += size) yield text.slice(start, start + size);
}

async function collect(items: AsyncIterable<SourceItem>): Promise<SourceItem[]> {
  const all: SourceItem[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const failure = (items: AsyncIterable<SourceItem>): Promise<unknown> =>
  collect(items).then(
    () => null,
    (error: unknown) => error,
  );

describe('data set sources', () => {
  it('reads a CSV alike however the text is cut into pieces', async () => {
    const text = 'a,b\r\n"1\n,""x""",2\r\n\r\n3,4\r\n5\r\n';
    const whole = await collect(readCsv({ chunks: inPieces(text, 1000), path: 'f.csv' }));
    expect(await collect(readCsv({ chunks: inPieces(text, 1), path: 'f.csv' }))).to.deep.equal(whole);
    expect(whole[0]).to.deep.equal({ kind: 'columns', columns: ['a', 'b'] });
    expect(whole[1]).to.deep.equal({ kind: 'record', record: { row: 1, line: 3, fields: { a: '1\n,"x"', b: '2' } } });
    expect(whole[3]).to.deep.nested.include({ kind: 'unreadable', 'letter.row': 3, 'letter.record': ['5'] });
    expect(whole[3]).to.deep.nested.include({ 'letter.detail': '1 fields, expected 2 as in the header' });
  });

  const headers: [string, string, string][] = [
    ['semicolons', 'a;b\n1;"2\n', 'found; it looks separated by ";"'],
    ['tabs', 'a\tb\n1\t2\n', 'it looks separated by tabs'],
    ['one column', 'text', 'only one column found. Expected'],
    ['a column twice', 'a,b,a\n1,2,3\n', 'columns 1 and 3 of the header have one name'],
  ];
  for (const [name, text, message] of headers) {
    it(`refuses a header with ${name}`, async () => {
      const error = await failure(readCsv({ chunks: inPieces(text, 3), path: 'f.csv' }));
      expect(error).to.have.property('type', 'InvalidInput');
      expect(error).to.have.property('message').that.contains(message);
    });
  }

  it('counts JSON lines past empty ones and keeps what is no object', async () => {
    const items = await collect(readJsonLines({ chunks: inPieces('{"a":1}\n\n"x"\r\n{"b":2}', 4), path: 'f.jsonl' }));
    expect(items).to.have.length(3);
    expect(items[1]).to.deep.nested.include({ 'letter.row': 2, 'letter.line': 3, 'letter.record': '"x"\r' });
    expect(items[2]).to.deep.equal({ kind: 'record', record: { row: 3, line: 4, fields: { b: 2 } } });
  });

  it('reads every row of 1,499 real reviews: byte-order mark, quoted lines, missing texts', async function () {
    const path = fileURLToPath(new URL('../../../shared/data/reviews-womens-clothing.csv', import.meta.url));
    await access(path).catch(() => {
      process.stderr.write(`skipped: ${path} is not here\n`);
      this.skip();
    });
    const items = await collect(readCsv({ chunks: readText({ path }).chunks, path }));
    expect(items.filter(({ kind }) => kind === 'record')).to.have.length(1499);
    expect(items.filter(({ kind }) => kind === 'unreadable')).to.deep.equal([]);
    expect(items[0]).to.have.nested.property('columns[1]', 'ClothingID');
    expect(items[1]).to.have.nested.property('record.fields.ClothingID', '767');
  });
});
