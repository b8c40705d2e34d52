import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { StoreRouter, planKey } from '../../src/adapters/store-router/store-router.js';
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
  it('names the key and the field of a plan that is no plan', async () => {
    const store = new DirectoryStore({ root });
    await store.put({ key: planKey('broken'), body: Buffer.from('{') });
    await expectPortError(open().read({ model: 'broken' }), 'InvalidInput', 'traffic/broken.json');
    await store.put({ key: planKey('broken'), body: Buffer.from('{"model":"broken"}') });
    await expectPortError(open().read({ model: 'broken' }), 'InvalidInput', 'traffic/broken.json', 'champion');
  });
});
