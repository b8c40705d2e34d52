import { expect } from 'chai';
import type { ModelRegistry } from '../../../src/activities/ports.js';
import { createRegistryActivities } from '../../../src/activities/registry.js';
import { StoreAudit } from '../../../src/adapters/store-audit/store-audit.js';
import { runIndex } from '../../../src/client/retrieval/run-index.js';
import { storeKeys } from '../../../src/contracts/store-keys.js';
import { isHoldNeeded, type HoldEnding } from '../../../src/domain/retrieval/version-hold.js';
import { indexWorld, type IndexWorld } from '../support/index-world.js';

describe('the index version of a release', function () {
  this.timeout(60_000);
  let world: IndexWorld;
  after(() => world.close());

  it('stands while the release runs, however often the index is renewed meanwhile, by whom ever', async () => {
    world = await indexWorld({ files: { 'prices.md': 'Saturday costs 1 pound.' }, retrieval: { keepVersions: 1 } });
    const { store, chunks, letters, specification, write } = world;
    const opened = await world.run();
    const { openRelease } = createRegistryActivities({
      registry: { ensureRun: async () => ({ runId: 'run' }) } as unknown as ModelRegistry,
      ...{ store, chunks, audit: new StoreAudit({ store }), judge: null },
    });
    const { indexVersion } = await openRelease({
      ...{ releaseId: 'm-r1', model: 'm', kind: 'training', trigger: 'person', requestedBy: ['ann'], reasons: ['new'] },
      ...{ specification, champion: null, epoch: 1, workflowId: 'release:m-r1' },
    });
    expect(indexVersion).to.equal(opened.version);
    for (let pounds = 2; pounds < 5; pounds += 1) {
      await write('prices.md', `Saturday costs ${pounds} pounds.`);
      await world.run();
      await write('prices.md', `Saturday costs ${pounds} pounds, Sunday nothing.`);
      await runIndex({ place: { store, chunks, openEmbedder: letters.open }, specification, say: () => undefined });
    }
    const standing = await chunks.collections();
    expect(standing).to.include(opened.version);
    // That one, the newest, and the one before it.
    expect(standing).to.have.length(3);
    await store.put({ key: storeKeys.record({ releaseId: 'm-r1' }), body: Buffer.from('{"half":') });
    await write('prices.md', 'Saturday costs 9 pounds.');
    expect(await world.run(), 'beside a record that nobody can read').to.include({ switched: true });
    expect(await chunks.collections()).to.include(opened.version);
  });

  const hold = { model: 'm', releaseId: 'm-r1', number: 1, version: 'v', keepReleases: 2 };
  const promoted: HoldEnding = { outcome: 'promoted', withdrawn: false };
  const cases: [name: string, ending: HoldEnding, later: HoldEnding[], needed: boolean][] = [
    ['of a release that runs', null, [], true],
    ['of one that was lost, and has a successor', null, [null], false],
    ['of the champion, while others fail', promoted, [{ outcome: 'rejected', withdrawn: false }, null], true],
    ['of one to go back to', promoted, [promoted, promoted], true],
    ['of one before those', promoted, [promoted, promoted, promoted], false],
    [
      'of one that is gone back to over what was withdrawn',
      promoted,
      [promoted, { ...promoted, withdrawn: true }, promoted],
      true,
    ],
    ['of one that was withdrawn', { ...promoted, withdrawn: true }, [], false],
    ['of one that was rolled back', { outcome: 'rolledBack', withdrawn: false }, [], false],
  ];
  for (const [name, ending, later, needed] of cases)
    it(`is ${needed ? 'kept' : 'let go'}: ${name}`, () =>
      expect(isHoldNeeded({ hold, ending, later })).to.equal(needed));
});
