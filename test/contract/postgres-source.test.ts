import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { expect } from 'chai';
import getPort from 'get-port';
import { PortError } from '../../src/activities/ports.js';
import { ExternalSources } from '../../src/adapters/data-sources/data-sources.js';
import { dayWindow, type TimeWindow } from '../../src/domain/dataset/time-window.js';

describe('rows of PostgreSQL', function () {
  this.timeout(60_000);
  let database: PGlite;
  let server: PGLiteSocketServer;
  let uri: string;
  const sources = new ExternalSources();
  before(async () => {
    database = await PGlite.create();
    const port = await getPort({ host: '127.0.0.1' });
    server = new PGLiteSocketServer({ db: database, host: '127.0.0.1', port });
    await server.start();
    uri = `postgres://postgres:secret@127.0.0.1:${port}/postgres?sslmode=disable`;
    await database.exec(`
      create table tickets (ticket_id text, votes bigint, price numeric, tags jsonb, created_at timestamptz, local timestamp);
      insert into tickets
        select 'T-' || n, n, n / 8.0, jsonb_build_object('n', n), timestamptz '2026-03-01 00:00:00+00' + n * interval '1 hour',
               timestamp '2026-03-01 12:00:00'
        from generate_series(0, 2499) as n;
    `);
  });
  after(async () => {
    await server?.stop();
    await database?.close();
  });

  async function read(query: string, window: TimeWindow | null = null): Promise<Record<string, unknown>[]> {
    const rows: Record<string, unknown>[] = [];
    for await (const row of sources.query({ uri, query, timeColumn: 'created_at', window, orderBy: 'ticket_id' }))
      rows.push(row);
    return rows;
  }
  const refused = async (query: string, to = uri): Promise<PortError> => {
    const first = sources.query({ uri: to, query, timeColumn: 'created_at', window: null, orderBy: 'ticket_id' });
    const error: unknown = await first[Symbol.asyncIterator]()
      .next()
      .catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(PortError);
    return error as PortError;
  };

  it('reads every row in byte order of the id, as JSON knows it', async () => {
    const rows = await read('select * from tickets;');
    expect(rows).to.have.length(2500);
    expect(rows.slice(0, 3).map(({ ticket_id }) => ticket_id)).to.deep.equal(['T-0', 'T-1', 'T-10']);
    expect(rows[1]).to.deep.equal({
      ...{ ticket_id: 'T-1', votes: 1, price: 0.125, tags: { n: 1 } },
      ...{ created_at: '2026-03-01T01:00:00.000Z', local: '2026-03-01T12:00:00.000Z' },
    });
  });

  it('reads the rows of a window, from inclusive to exclusive, and the same again', async () => {
    const rows = await read('select ticket_id, created_at from tickets', dayWindow('2026-03-02'));
    expect(rows).to.have.length(24);
    expect(rows[0]).to.deep.equal({ ticket_id: 'T-24', created_at: '2026-03-02T00:00:00.000Z' });
    expect(rows.at(-1)).to.deep.equal({ ticket_id: 'T-47', created_at: '2026-03-02T23:00:00.000Z' });
    expect(await read('select ticket_id, created_at from tickets', dayWindow('2026-03-02'))).to.deep.equal(rows);
  });

  it('sorts rows of one id, reads a comment at the end, and leaves what is no time as it stands', async () => {
    const times = "(values ('T', 2, timestamptz 'infinity'), ('T', 1, '2026-03-01 10:00+00'), ('S', 3, '-infinity'))";
    const query = `select * from ${times} as t (ticket_id, n, created_at) -- the last three`;
    expect(await read(query)).to.deep.equal([
      { ticket_id: 'S', n: 3, created_at: '-infinity' },
      { ticket_id: 'T', n: 1, created_at: '2026-03-01T10:00:00.000Z' },
      { ticket_id: 'T', n: 2, created_at: 'infinity' },
    ]);
    expect((await read(query, dayWindow('2026-03-01'))).map(({ n }) => n)).to.deep.equal([1]);
  });

  it('lays a window over times without a zone and dates, and refuses one over texts, which sort otherwise', async () => {
    const rowsOf = (type: string): string =>
      `select 'T' as ticket_id, v::${type} as created_at from unnest(array['2026-03-01 00:00', '2026-03-02 00:00']) as v`;
    for (const type of ['timestamp', 'date', 'timestamptz'])
      expect(await read(rowsOf(type), dayWindow('2026-03-01')), type).to.have.length(1);
    const error: unknown = await read(rowsOf('text'), dayWindow('2026-03-01')).catch((reason: unknown) => reason);
    expect((error as PortError).type).to.equal('InvalidInput');
  });

  it('refuses what is no query, and what would write', async () => {
    expect((await refused('select nothing from nowhere')).message)
      .to.contain('data.source.query')
      .and.contain('nowhere');
    expect((await refused('delete from tickets returning *')).type).to.equal('InvalidInput');
    expect(await read('select * from tickets')).to.have.length(2500);
  });

  it('quotes no value of a row, also not in what stands behind a refusal', async () => {
    const lines = "(values ('T', 'jo@example.org')) as t (ticket_id, mail)";
    for (const broken of ['mail::int', 'mail::timestamp', 'mail::jsonb', "1 / length(replace(mail, mail, ''))"]) {
      const { type, message, cause } = await refused(`select ticket_id, ${broken} as v from ${lines}`);
      expect(type, broken).to.equal('InvalidInput');
      expect(message, broken).to.match(/SQLSTATE 22\w{3}\./);
      expect(`${message} ${String(cause)}`, broken).to.not.contain('jo@');
    }
  });

  it('says that the server does not answer, without the password', async () => {
    const nobody = `postgres://postgres:secret@127.0.0.1:${await getPort({ host: '127.0.0.1' })}/postgres`;
    const error = await refused('select 1', nobody);
    expect(error.type).to.equal('Unavailable');
    expect(error.message).to.contain('does not answer').and.not.contain('secret');
  });
});
