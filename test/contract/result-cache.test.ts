import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { expect } from 'chai';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { DynamodbResultCache } from '../../src/adapters/dynamodb/dynamodb-result-cache.js';
import { StoreResultCache } from '../../src/adapters/store-result-cache/store-result-cache.js';
import { storeKeys } from '../../src/contracts/store-keys.js';
import { startMoto } from '../support/moto-server.js';
import { resultCacheContract, summaryOf } from './result-cache-contract.js';
import { expectPortError } from './support/expect-port-error.js';

describe('summaries in the store', () => {
  let folder: string;
  let store: DirectoryStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-results-'));
    store = new DirectoryStore({ root: folder });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  resultCacheContract(async ({ now }) => new StoreResultCache({ store, now }));

  it('takes bytes that are no summary for none, and writes over them', async () => {
    const cache = new StoreResultCache({ store, now: () => '2026-01-02T00:00:00.000Z' });
    const key = storeKeys.summary({ family: 'review-summaries', item: 'p1' });
    await store.compareAndSet({ key, body: Buffer.from('{'), expected: null });
    expect(await cache.get({ family: 'review-summaries', item: 'p1' })).to.equal(null);
    expect(await cache.put({ summary: summaryOf() })).to.deep.equal({ written: true });
  });
});

describe('summaries in DynamoDB', function () {
  this.timeout(60_000);
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let client: DynamoDBClient;
  let tables = 0;
  before(async () => {
    moto = await startMoto();
    client = new DynamoDBClient({
      endpoint: moto.endpoint,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    });
  });
  after(async () => {
    client?.destroy();
    await moto?.stop();
  });

  async function createTable(): Promise<string> {
    const table = `summaries-${(tables += 1)}`;
    await client.send(
      new CreateTableCommand({
        TableName: table,
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    return table;
  }

  resultCacheContract(async ({ now }) => new DynamodbResultCache({ client, table: await createTable(), now }));

  it('says when an item may be removed, in seconds', async () => {
    const table = await createTable();
    await new DynamodbResultCache({ client, table }).put({ summary: summaryOf() });
    const { Items } = await client.send(new ScanCommand({ TableName: table }));
    expect(Items?.map((item) => item['expires']?.N)).to.deep.equal([String(Date.UTC(2026, 1, 1) / 1000)]);
  });

  it('says no in the words of the closed list', async () => {
    const away = new DynamoDBClient({
      endpoint: 'http://127.0.0.1:1',
      region: 'eu-central-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    });
    const wanted = { family: 'f', item: 'i' };
    await expectPortError(new DynamodbResultCache({ client: away, table: 't' }).get(wanted), 'Unavailable', 'table t');
    await expectPortError(new DynamodbResultCache({ client, table: 'nowhere' }).get(wanted), 'NotFound', 'nowhere');
  });
});
