import { expect } from 'chai';
import { Client } from 'pg';
import { currentManifest } from '../../src/activities/retrieval/index-manifest.js';
import { retrieve } from '../../src/activities/retrieval/retrieve.js';
import { Documents } from '../../src/adapters/document-loaders/documents.js';
import { documentSourceSchema } from '../../src/domain/spec/retrieval-spec.js';
import { seededRandom } from '../../src/domain/statistics/random.js';
import { indexWorld, type IndexWorld } from '../activities/support/index-world.js';
import { startPostgres, type PostgresServer } from '../support/postgres-server.js';
import { overridden } from '../support/overridden.js';
import { expectPortError } from './support/expect-port-error.js';

describe('documents of PostgreSQL as they change (a real server)', function () {
  this.timeout(60_000);
  let server: PostgresServer;
  let world: IndexWorld | null = null;
  before(async function () {
    const started = await startPostgres();
    if (started === null) {
      process.stderr.write('NOT TESTED: change data capture; no PostgreSQL server is installed here\n');
      return this.skip();
    }
    server = started;
  });
  after(() => server?.close());
  afterEach(async () => {
    await world?.close();
    world = null;
    await server.query('DROP TABLE IF EXISTS policies, document_outbox');
    await server.query('DROP PUBLICATION IF EXISTS policies_slot');
    await server.query(
      "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'policies_slot'",
    );
  });

  const followed = (change: object = {}) => ({
    source: { kind: 'table', uri: server.uri, table: 'policies', slot: 'policies_slot', ...change },
    fields: { language: 'keyword' },
  });
  const table = async (rows: Record<string, string>): Promise<void> => {
    await server.query('CREATE TABLE policies (id text PRIMARY KEY, text text, language text)');
    for (const [id, text] of Object.entries(rows)) await write(id, text);
  };
  const write = (id: string, text: string) =>
    server.query("INSERT INTO policies VALUES ($1, $2, 'en') ON CONFLICT (id) DO UPDATE SET text = excluded.text", [
      id,
      text,
    ]);
  const documents = async (own: IndexWorld): Promise<string[]> =>
    Object.keys((await currentManifest({ store: own.store, chunks: own.chunks, index: 'policies' }))!.documents);
  const find = async (own: IndexWorld, question: string): Promise<string | undefined> => {
    const { embedder, chunks, spec } = own;
    const asked = { question, collection: 'policies', settings: spec.retrieval!, embedder, chunks };
    return (await retrieve(asked)).found[0]?.chunk.text;
  };
  const waiting = async (): Promise<number> => {
    const rows = await server.query(
      "SELECT count(*)::int AS changes FROM pg_logical_slot_peek_binary_changes('policies_slot', NULL, NULL, 'proto_version', '1', 'publication_names', 'policies_slot')",
    );
    return rows[0]!.changes as number;
  };

  it('looks at every row once, and by replication at what changed alone', async () => {
    await table({ times: 'The cutoff is 14:00.', prices: 'Saturday costs 5 pounds.' });
    world = await indexWorld({ retrieval: followed() });
    expect(await world.run()).to.include({ switched: true, documents: 2, changed: 2 });
    await write('times', 'The cutoff is 15:30.');
    await write('claims', 'Damage is claimed within a week.');
    await server.query("DELETE FROM policies WHERE id = 'prices'");
    const embedded = world.letters.embedded.length;
    expect(await world.run()).to.include({ documents: 2, changed: 2, removed: 1 });
    expect(world.letters.embedded.length - embedded).to.equal(2);
    expect(await find(world, 'When is the cutoff?')).to.equal('The cutoff is 15:30.');
    expect(await waiting()).to.equal(0);
    expect(await world.run()).to.include({ switched: false });
  });

  it('tells a change again until the index holds it, with the same effect', async () => {
    await table({ times: 'The cutoff is 14:00.' });
    world = await indexWorld({ retrieval: followed() });
    const first = await world.run();
    await write('times', 'The cutoff is 15:30.');
    let away = true;
    const flaky = overridden(world.chunks, {
      setAlias: async (asked) => {
        if (away) throw new Error('killed');
        await world!.chunks.setAlias(asked);
      },
    });
    const failed = await world.run(world.stepsOver(flaky)).catch((error: Error) => error.message);
    expect(failed).to.equal('killed');
    expect((await world.chunks.aliases()).policies).to.equal(first.version);
    expect(await waiting()).to.be.greaterThan(0);
    away = false;
    expect(await world.run(world.stepsOver(flaky))).to.include({ switched: true, documents: 1 });
    expect(await find(world, 'When is the cutoff?')).to.equal('The cutoff is 15:30.');
    expect(await waiting()).to.equal(0);
  });

  it('takes the last state of each row, whatever writers do at once, and misses none', async () => {
    await table({});
    await server.query('INSERT INTO policies SELECT $1 || n, $2 || n, NULL FROM generate_series(0, 19) AS n', [
      'd',
      'Document ',
    ]);
    world = await indexWorld({ retrieval: followed() });
    await world.run();
    const random = seededRandom(5);
    const writers = await Promise.all(
      [0, 1, 2].map(async () => {
        const client = new Client({ connectionString: server.uri });
        await client.connect();
        return client;
      }),
    );
    let writing = true;
    const work = writers.map(async (client, own) => {
      for (let change = 0; change < 60; change += 1) {
        const id = `d${random.index(25)}`;
        const text = `Writer ${own}, change ${change}.`;
        await client.query('BEGIN');
        if (random.uniform() < 0.2) await client.query('DELETE FROM policies WHERE id = $1', [id]);
        else
          await client.query(
            'INSERT INTO policies VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET text = excluded.text',
            [id, text],
          );
        await client.query(random.uniform() < 0.15 ? 'ROLLBACK' : 'COMMIT');
      }
    });
    const indexing = (async () => {
      while (writing) await world.run();
    })();
    await Promise.all(work);
    writing = false;
    await indexing;
    await world.run();
    await Promise.all(writers.map((client) => client.end()));
    const rows = await server.query('SELECT id, text FROM policies ORDER BY id COLLATE "C"');
    expect((await documents(world)).sort()).to.deep.equal(rows.map(({ id }) => id));
    const collection = (await world.chunks.aliases()).policies!;
    const held = await world.chunks.scan({ collection, after: null, limit: 100 });
    const texts = Object.fromEntries(held.map(({ chunk }) => [chunk.document, chunk.text]));
    expect(texts).to.deep.equal(Object.fromEntries(rows.map(({ id, text }) => [id, text])));
  });

  it('looks at every row where the table was emptied, or its slot dropped behind our back', async () => {
    await table({ times: 'The cutoff is 14:00.', prices: 'Saturday costs 5 pounds.' });
    world = await indexWorld({ retrieval: followed() });
    await world.run();
    await server.query('TRUNCATE policies');
    await write('claims', 'Damage is claimed within a week.');
    expect(await world.run()).to.include({ documents: 1, removed: 2 });
    await server.query("SELECT pg_drop_replication_slot('policies_slot')");
    await write('times', 'The cutoff is 16:00.');
    expect(await world.run()).to.include({ documents: 2, changed: 1 });
    expect(await documents(world)).to.have.members(['claims', 'times']);
  });

  it('reads a table without a slot too, with typed fields, and says what is not there', async () => {
    await table({ times: 'The cutoff is 14:00.' });
    const source = (change: object = {}) =>
      documentSourceSchema.parse({ ...followed({ slot: null, ...change }).source });
    const reader = new Documents();
    const [listed] = await reader.list({ source: source() });
    expect(listed!.digest).to.match(/^[0-9a-f]{64}$/);
    expect(await reader.changes({ source: source(), known: null })).to.equal(null);
    const loaded = await reader.load({ source: source(), ids: ['times', 'gone'], fields: { language: 'keyword' } });
    expect(loaded).to.deep.equal([
      { text: 'The cutoff is 14:00.', fields: { language: 'en' } },
      { refused: 'it is gone since it was listed', again: true },
    ]);
    await expectPortError(reader.list({ source: source({ table: 'none' }) }), 'InvalidInput', 'table none at');
  });

  it('takes the last entry of each document of an outbox, however late it is committed', async () => {
    await server.query(
      'CREATE TABLE document_outbox (sequence bigserial PRIMARY KEY, document text NOT NULL, text text, fields jsonb)',
    );
    world = await indexWorld({ retrieval: { source: { kind: 'outbox', uri: server.uri } } });
    const late = new Client({ connectionString: server.uri });
    await late.connect();
    await late.query('BEGIN');
    await late.query("INSERT INTO document_outbox (document, text) VALUES ('a', 'The cutoff is 13:00.')");
    await server.query("INSERT INTO document_outbox (document, text) VALUES ('b', 'Saturday costs 5 pounds.')");
    expect(await world.run()).to.include({ documents: 1 });
    // A lower sequence becomes visible after a higher one was read.
    await late.query('COMMIT');
    await late.end();
    expect(await world.run()).to.include({ documents: 2, changed: 1 });
    await server.query(
      "INSERT INTO document_outbox (document, text) VALUES ('a', 'The cutoff is 14:00.'), ('b', NULL)",
    );
    expect(await world.run()).to.include({ documents: 1, changed: 1, removed: 1 });
    expect(await find(world, 'When is the cutoff?')).to.equal('The cutoff is 14:00.');
  });
});
