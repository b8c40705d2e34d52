import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { systemClock } from '../../src/activities/clock.js';
import { createTrafficActivities } from '../../src/activities/traffic.js';
import { createWithdrawalActivities } from '../../src/activities/withdrawals.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { readAudit } from '../../src/adapters/store-audit/read-audit.js';
import { StoreAudit } from '../../src/adapters/store-audit/store-audit.js';
import { StoreRouter } from '../../src/adapters/store-router/store-router.js';
import { storeKeys } from '../../src/contracts/store-keys.js';
import { canonicalJson } from '../../src/domain/release/evidence.js';
import type { Withdrawal } from '../../src/domain/release/lifecycle-state.js';
import { releaseRecordSchema, type ReleaseRecord } from '../../src/domain/release/release-record.js';
import { remainsOf } from '../../src/domain/release/remains.js';
import { storeSpecification } from '../chaos/specification.js';
import type { MemoryStore } from '../chaos/world/memory-store.js';
import { runLine } from '../unit/cli/run-line.js';
import { record as sample } from '../unit/report/sample-release.js';

const { model } = sample;
const first = `${model}-r1`;
const second = `${model}-r2`;
const target = (releaseId: string) => ({
  ...{ releaseId, endpoint: 'http://127.0.0.1:9/v1', adapter: releaseId, promptDigest: null, indexVersion: null },
});
const withdrawal: Withdrawal = {
  ...{ step: 'rollback/6', releaseId: second, to: first, by: 'ann', reason: 'customers complain' },
  at: '2030-03-01T00:00:00.000Z',
};
const back: Withdrawal = {
  ...{ step: 'rollback/8', releaseId: first, to: second, by: 'bob', reason: 'it was the network' },
  at: '2030-03-02T00:00:00.000Z',
};

describe('the withdrawal of a champion', () => {
  let home: string;
  let store: DirectoryStore;
  let away: string | null;
  let told: string[];
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'understudy-withdrawals-'));
    store = new DirectoryStore({ root: join(home, 'store') });
    away = null;
    told = [];
    const specification = await storeSpecification({ store: store as unknown as MemoryStore, model });
    for (const releaseId of [first, second]) {
      const record = { ...sample, releaseId, specification, evaluation: null, training: null };
      await store.put({ key: storeKeys.record({ releaseId }), body: Buffer.from(canonicalJson(record)) });
    }
    await serve(first);
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  /** As a lifecycle does, before anything else. */
  async function serve(releaseId: string): Promise<void> {
    const router = new StoreRouter({ store });
    const current = await router.read({ model });
    const ports = { store, router, audit: new StoreAudit({ store }), clock: systemClock };
    await createTrafficActivities(ports).writePlan({
      ...{ model, owner: { workflowId: `model:${model}`, epoch: (current?.owner.epoch ?? 4) + 2 } },
      ...{ change: { champion: target(releaseId), reason: 'test' }, leaseMilliseconds: null },
    });
  }

  const record = (one: Withdrawal) => {
    const call = (name: string) => async () => {
      if (away === name) throw new Error(`${name} is away`);
    };
    const registry = { putArtifact: call('putArtifact'), setTags: call('setTags'), endRun: call('endRun') };
    return createWithdrawalActivities({
      ...{ store, audit: new StoreAudit({ store }), router: new StoreRouter({ store }) },
      registry: { ...registry, setVersionTags: call('setVersionTags') } as never,
      reports: { release: async ({ record: shown }) => `withdrawn ${shown.withdrawnAt}` },
      notifier: { notify: async ({ key }) => void told.push(key) },
    }).recordWithdrawal({ model, withdrawal: one });
  };
  const recordOf = async (releaseId: string): Promise<ReleaseRecord> => {
    const found = await store.get({ key: storeKeys.record({ releaseId }) });
    return releaseRecordSchema.parse(JSON.parse(Buffer.from(found!.body).toString()));
  };
  const entries = async () =>
    (await readAudit({ store, model })).map(({ entry }) => entry).filter(({ key }) => key.startsWith('rollback/'));
  const explain = (releaseId: string) => runLine(['audit', 'explain', releaseId, '--json'], { UNDERSTUDY_HOME: home });

  it('stands in its record, its report and the audit log, with who asked for it and why', async () => {
    await record(withdrawal);
    expect(await recordOf(second)).to.deep.include({ outcome: 'promoted', withdrawnAt: withdrawal.at });
    const { body } = (await store.get({ key: storeKeys.report({ releaseId: second }) }))!;
    expect(Buffer.from(body).toString()).to.equal(`withdrawn ${withdrawal.at}`);
    const { code, stdout } = await explain(second);
    expect(code, stdout).to.equal(0);
    for (const text of ['promoted, then withdrawn', 'rollback by ann', 'customers complain', first])
      expect(stdout).to.contain(text);
    const [entry] = await entries();
    expect(entry).to.deep.include({ key: `rollback/6/${second}`, kind: 'rollback', actor: 'ann', releaseId: second });
    expect(entry!.evidenceDigest).to.equal(sample.evidenceDigest);
    expect((await explain(first)).stdout).to.contain(`users were given back to it from ${second}`);
    expect(told, 'nobody is told of its end once more').to.deep.equal([]);
  });

  it('is recorded once, however often that is tried, and without MLflow', async () => {
    away = 'putArtifact';
    const refused = await record(withdrawal).then(() => null, String);
    expect(refused).to.contain('putArtifact is away');
    expect((await explain(second)).stdout).to.contain('customers complain');
    away = null;
    await record(withdrawal);
    await record(withdrawal);
    expect(await entries()).to.have.length(2);
    expect((await recordOf(second)).reasons.filter((one) => one.includes('rollback by ann'))).to.have.length(1);
    expect((await explain(second)).code).to.equal(0);
  });

  it('ends where somebody goes back to it, which a late attempt does not undo', async () => {
    await record(withdrawal);
    await serve(second);
    await record(back);
    expect((await recordOf(second)).withdrawnAt).to.equal(null);
    expect((await recordOf(first)).withdrawnAt).to.equal(back.at);
    await record(withdrawal);
    expect((await recordOf(second)).withdrawnAt).to.equal(null);
    expect((await recordOf(first)).withdrawnAt).to.equal(back.at);
    for (const releaseId of [first, second]) {
      const { code, stdout } = await explain(releaseId);
      expect(code, stdout).to.equal(0);
      expect(stdout).to.contain('it was the network').and.to.contain('customers complain');
    }
  });

  it('is in the log also of a release without a record', async () => {
    await store.remove({ key: storeKeys.record({ releaseId: second }) });
    await record(withdrawal);
    expect((await entries())[0]).to.deep.include({ actor: 'ann', releaseId: second, evidenceDigest: null });
  });

  it('is known to a lifecycle that begins after one was lost, whatever the plan has come before', async () => {
    await record(withdrawal);
    const remains = async () => {
      const plan = await new StoreRouter({ store }).read({ model });
      const records = [await recordOf(first), await recordOf(second)];
      return remainsOf({ model, plan, records, releaseCount: 2, keepReleases: 3, now: back.at });
    };
    const { champion, previous, ended } = await remains();
    expect(champion?.releaseId).to.equal(first);
    expect(previous.map(({ releaseId, withdrawnAt }) => [releaseId, withdrawnAt])).to.deep.equal([
      [second, withdrawal.at],
    ]);
    expect(ended.map(({ withdrawnAt }) => withdrawnAt)).to.deep.equal([null, withdrawal.at]);
    await serve(second);
    expect((await remains()).champion)
      .to.include({ releaseId: second })
      .and.not.to.have.property('withdrawnAt');
  });
});
