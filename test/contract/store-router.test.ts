import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { StoreRouter, planKey } from '../../src/adapters/store-router/store-router.js';
import { StoreAudit } from '../../src/adapters/store-audit/store-audit.js';
import { storeKeys } from '../../src/contracts/store-keys.js';
import { auditEntry } from './audit-log-contract.js';
import { expectPortError } from './support/expect-port-error.js';
import { describeTrafficRouter } from './traffic-router-contract.js';

let root: string;
const open = (): StoreRouter => new StoreRouter({ store: new DirectoryStore({ root }) });

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'understudy-router-'));
});
after(() => rm(root, { recursive: true, force: true }));

describeTrafficRouter({ name: 'StoreRouter', open });

describe('StoreRouter', () => {
  it('goes on from the revision of a plan that was removed, by its copies or by the log', async () => {
    const store = new DirectoryStore({ root });
    const target = { releaseId: 'r1', endpoint: 'http://127.0.0.1:1/v1', adapter: 'r1', promptDigest: null };
    const first = (model: string, expectedRevision: number | null = null) =>
      open().write({
        ...{ model, expectedRevision, owner: { workflowId: 'release:r1', epoch: 2 } },
        change: { champion: { ...target, indexVersion: null }, reason: 'first champion' },
      });
    for (const revision of [9, 10])
      await store.put({ key: storeKeys.plan({ model: 'copied', revision }), body: Buffer.from('{}') });
    // Of a model whose name begins with another's.
    await store.put({ key: storeKeys.plan({ model: 'copied-too', revision: 99 }), body: Buffer.from('{}') });
    await new StoreAudit({ store }).append({ model: 'logged', entry: auditEntry('plan/7') });
    expect((await first('copied')).revision).to.equal(11);
    expect((await first('logged')).revision).to.equal(8);
    expect((await first('neither', 0)).revision).to.equal(1);
  });

  it('names the key and the field of a plan that is no plan', async () => {
    const store = new DirectoryStore({ root });
    await store.put({ key: planKey('broken'), body: Buffer.from('{') });
    await expectPortError(open().read({ model: 'broken' }), 'InvalidInput', 'traffic/broken.json');
    await store.put({ key: planKey('broken'), body: Buffer.from('{"model":"broken"}') });
    await expectPortError(open().read({ model: 'broken' }), 'InvalidInput', 'traffic/broken.json', 'champion');
  });
});
