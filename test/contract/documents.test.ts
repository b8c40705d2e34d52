import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import getPort from 'get-port';
import type { LoadedDocument } from '../../src/activities/document-source-port.js';
import { Documents } from '../../src/adapters/document-loaders/documents.js';
import { htmlText } from '../../src/adapters/document-loaders/html-text.js';
import { documentSourceSchema, type DocumentSourceSpec } from '../../src/domain/spec/retrieval-spec.js';
import { expectPortError } from './support/expect-port-error.js';
import { smallPdf } from './support/small-pdf.js';

const source = (input: object): DocumentSourceSpec => documentSourceSchema.parse(input);
const refusal = (document: LoadedDocument | undefined): string =>
  document && 'refused' in document ? document.refused : JSON.stringify(document);

describe('Documents', function () {
  this.timeout(60_000);
  const documents = new Documents();
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'documents-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('reads Markdown, text, HTML and PDF of a folder, in the order of their names', async () => {
    const policies = join(folder, 'policies');
    await mkdir(join(policies, 'deep'), { recursive: true });
    await writeFile(join(policies, 'a.md'), '# Title\r\nText.');
    await writeFile(join(policies, 'deep', 'b.html'), '<h2>Prices</h2><p>5 &pound;</p><script>x()</script>');
    await writeFile(join(policies, 'c.pdf'), smallPdf({ pages: ['The cutoff is 14:00.', 'Second page.'] }));
    await writeFile(join(policies, 'd.txt'), Buffer.from('\ufeffGrüße', 'utf16le'));
    await writeFile(join(policies, 'e.png'), 'no document');
    const from = source({ uri: policies });
    const listed = await documents.list({ source: from });
    const ids = listed.map(({ id }) => id);
    expect(ids).to.deep.equal(['policies/a.md', 'policies/c.pdf', 'policies/d.txt', 'policies/deep/b.html']);
    const loaded = await documents.load({ source: from, ids, fields: {} });
    expect(loaded.map((one) => ('text' in one ? one.text : one.refused))).to.deep.equal([
      '# Title\nText.',
      'The cutoff is 14:00.\n\nSecond page.',
      'Grüße',
      '## Prices\n\n5 £',
    ]);
  });

  it('reads a PDF of 200 pages, and says that a scanned one has no text', async () => {
    const scans = join(folder, 'scans');
    await mkdir(scans);
    await writeFile(
      join(scans, 'long.pdf'),
      smallPdf({ pages: Array.from({ length: 200 }, (_, page) => `Rule number ${page + 1}.`) }),
    );
    await writeFile(join(scans, 'scan.pdf'), smallPdf({ pages: [null, null] }));
    const ids = ['scans/long.pdf', 'scans/scan.pdf', 'scans/gone.pdf'];
    const [long, scan, gone] = await documents.load({ source: source({ uri: scans }), ids, fields: {} });
    expect(long).to.have.property('text').that.contains('Rule number 1.').and.contains('Rule number 200.');
    expect(refusal(scan)).to.contain('none of its 2 pages holds text, as scans do');
    expect(refusal(gone)).to.equal('it is gone since it was listed');
  });

  it('keeps what a page hides out of its text', () => {
    const page = '<head><title>t</title></head><nav>menu</nav><ul><li>one</li><li>two</li></ul><style>p{}</style>';
    expect(htmlText(page)).to.equal('- one\n- two');
  });

  it('reads rows with typed fields, and refuses values of another type', async () => {
    const rows = join(folder, 'reviews.csv');
    await writeFile(rows, 'id,text,stars,verified\nr1,"Warm, and soft",5,true\nr2,Fine,many,\nr3,,3,false\n');
    const from = source({ kind: 'csv', uri: rows });
    const ids = (await documents.list({ source: from })).map(({ id }) => id);
    const fields = { stars: 'number', verified: 'boolean' } as const;
    const [first, second, third] = await documents.load({ source: from, ids, fields });
    expect(first).to.deep.equal({ text: 'Warm, and soft', fields: { stars: 5, verified: true } });
    expect(refusal(second)).to.equal('its stars is "many": expected a number');
    expect(refusal(third)).to.equal('its text holds no text');
    const lines = join(folder, 'rows.jsonl');
    await writeFile(lines, '{"id":1,"text":"a"}\n{"text":"b"}\n');
    await expectPortError(documents.list({ source: source({ kind: 'jsonl', uri: lines }) }), 'InvalidInput', 'row 2');
    await expectPortError(documents.list({ source: source({ uri: join(folder, 'no') }) }), 'NotFound', 'folder');
  });

  it('takes the last entry of each document from an outbox, however late or often it is read', async () => {
    const database = await PGlite.create();
    const port = await getPort({ host: '127.0.0.1' });
    const server = new PGLiteSocketServer({ db: database, host: '127.0.0.1', port });
    await server.start();
    try {
      await database.exec(
        `CREATE TABLE document_outbox (sequence bigint PRIMARY KEY, document text NOT NULL, text text, fields jsonb);
         INSERT INTO document_outbox VALUES (3, 'a', 'third', '{"language":"en"}'), (1, 'a', 'first', null),
           (2, 'b', 'only', null), (4, 'b', null, null), (5, 'c', 'kept', null)`,
      );
      const uri = `postgres://postgres@127.0.0.1:${port}/postgres?sslmode=disable`;
      const from = source({ kind: 'outbox', uri });
      const listed = await documents.list({ source: from });
      expect(listed.map(({ id }) => id)).to.deep.equal(['a', 'c']);
      const loaded = await documents.load({ source: from, ids: ['a', 'b'], fields: { language: 'keyword' } });
      expect(loaded[0]).to.deep.equal({ text: 'third', fields: { language: 'en' } });
      expect(refusal(loaded[1])).to.equal('it is gone since it was listed');
      await database.exec("INSERT INTO document_outbox VALUES (6, 'b', 'again', null)");
      const again = await documents.list({ source: from });
      expect(again.map(({ id }) => id)).to.deep.equal(['a', 'b', 'c']);
      expect(again[0]).to.deep.equal(listed[0]);
      const wrong = source({ kind: 'outbox', uri, table: 'no_such_table' });
      await expectPortError(documents.list({ source: wrong }), 'InvalidInput', 'no_such_table');
    } finally {
      await server.stop();
      await database.close();
    }
    const away = source({ kind: 'outbox', uri: `postgres://postgres:secret@127.0.0.1:${port}/postgres` });
    const error = await expectPortError(documents.list({ source: away }), 'Unavailable');
    expect(error.message).to.not.contain('secret');
  });
});
