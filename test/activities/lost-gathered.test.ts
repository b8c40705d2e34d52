import { expect } from 'chai';
import type { ArtifactStore } from '../../src/activities/ports.js';
import { createPromotionActivities } from '../../src/activities/promotions.js';
import { storeKeys } from '../../src/contracts/store-keys.js';
import { lostWorld, model, promote, releaseId } from './support/lost-world.js';

describe('what is left of a lost release', () => {
  const manifest = storeKeys.release({ releaseId, file: 'adapter/adapter-files.json' });
  /** Trained, evaluated and registered; it waited for people. */
  async function registeredWorld() {
    const world = await lostWorld();
    const { memory, outside, lost } = world;
    const adapter = await memory.put({ key: manifest, body: Buffer.from('{}') });
    const { version } = await outside.ports.registry.ensureVersion({
      ...{ model, releaseId, tags: {}, runId: `run-${releaseId}` },
    });
    const store = { ...memory, ...memory.port() } as unknown as ArtifactStore;
    const { readCandidate } = createPromotionActivities({ store, registry: outside.ports.registry });
    const ask = () =>
      readCandidate({ model, version, byAlias: false, specification: lost.input.specification, champion: null });
    return { ...world, adapter, version, ask };
  }

  it('names adapter and version in its record, so that the version can be rolled out later', async () => {
    const { lost, endLostRelease, record, adapter, version, ask } = await registeredWorld();
    await endLostRelease(lost);
    const { adapter: recorded, tracking } = await record();
    expect(recorded).to.deep.equal(adapter);
    expect(tracking).to.deep.equal({ runId: `run-${releaseId}`, modelVersion: version });
    const answer = await ask();
    expect(answer).to.have.property('candidate').that.deep.includes({ releaseId, version, adapter });
  });

  it('is not rolled out as the base model where an earlier record names no adapter', async () => {
    const { lost, endLostRelease, memory, ask } = await registeredWorld();
    await memory.remove({ key: manifest });
    await endLostRelease(lost);
    expect(await ask())
      .to.have.property('problem')
      .that.contains(`${releaseId} was to train, but its record names no`);
  });

  it("names the candidate's adapter where it rolled an earlier version out, as a first champion too", async () => {
    const {
      lost,
      endLostRelease,
      record,
      router,
      lost: { input },
    } = await lostWorld();
    const adapter = { uri: 'store://releases/shop-r1/adapter/adapter-files.json', sha256: 'b'.repeat(64), bytes: 2 };
    const candidate = { releaseId: `${model}-r1`, version: '1', adapter, indexVersion: null };
    const asked = { ...input, champion: null, candidate: { ...candidate, specification: input.specification } };
    await promote(router);
    expect((await endLostRelease({ ...lost, input: asked })).kept).to.deep.include({ adapter });
    expect((await record()).adapter).to.deep.equal(adapter);
  });

  it('makes no version of one that has registered none', async () => {
    const { lost, endLostRelease, record, outside } = await lostWorld();
    await endLostRelease(lost);
    expect((await record()).tracking).to.deep.include({ modelVersion: null });
    expect(outside.versions.size).to.equal(0);
  });
});
