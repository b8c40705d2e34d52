import { expect } from 'chai';
import type { ArtifactStore } from '../../src/activities/ports.js';
import { evidenceSchema } from '../../src/activities/evidence-file.js';
import { createPromotionActivities } from '../../src/activities/promotions.js';
import { storeKeys } from '../../src/contracts/store-keys.js';
import { sealManifest } from '../../src/domain/dataset/manifest.js';
import { evidenceDigestOf } from '../../src/domain/evaluation/evidence-digest.js';
import { sampleManifest } from '../unit/report/sample-dataset.js';
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

  describe('that was served to some', () => {
    const put = ({ memory }: Awaited<ReturnType<typeof lostWorld>>, file: string, value: object) =>
      memory.put({ key: storeKeys.release({ releaseId, file }), body: Buffer.from(JSON.stringify(value)) });
    const verdict = (gate: string) => ({
      ...{
        gate,
        verdict: 'pass' as const,
        reason: `${gate} is good`,
        value: 1,
        bound: 1,
        limit: 0,
        n: 1,
        evidence: null,
      },
    });

    /** Its canary was on; nothing but files tells of what came before. */
    async function servedWorld() {
      const world = await lostWorld();
      const sample = sampleManifest({ seed: 1, rows: 400, ratings: [5], previous: null });
      const { digest: _ofSample, provenance, ...content } = sample;
      const manifest = sealManifest({ content: { ...content, name: model }, provenance });
      const key = storeKeys.dataset({ name: model, digest: manifest.digest, file: 'manifest.json' });
      const dataset = await world.memory.put({ key, body: Buffer.from(JSON.stringify(manifest)) });
      const evidence = evidenceSchema.parse({
        ...{ version: 1, releaseId, champion: `${model}-r1`, seed: 1, attempt: 1, verdict: 'pass' },
        verdicts: [verdict('tokenF1')],
        inputs: { dataset: manifest.digest, index: 'docs-v2' },
        report: { metrics: [], slices: [], cases: [] },
      });
      const ref = await put(world, 'evaluation/evidence.json', evidence);
      const at = '2026-03-01T00:30:00.000Z';
      await put(world, 'canary/step-2.json', {
        ...{ releaseId, revision: 2, keys: 1, look: { at, revisions: [] }, verdict: 'pass' },
        verdicts: [verdict('error')],
      });
      return { ...world, manifest, dataset, evidence, ref };
    }

    it('is named in its record: data, evaluation and what its stages were judged by', async () => {
      const { lost, endLostRelease, record, manifest, dataset, evidence, ref } = await servedWorld();
      await endLostRelease(lost);
      const written = await record();
      const { digest, counts } = manifest;
      expect(written.dataset).to.deep.equal({
        ...{ name: model, digest, read: counts.read, rows: counts.published },
        ...{ deadLettered: counts.deadLettered, manifest: dataset },
      });
      expect(written.evaluation).to.deep.equal({ verdict: 'pass', evidence: ref });
      expect(written.evidenceDigest).to.equal(evidenceDigestOf(evidence));
      expect(written.verdicts.map(({ gate }) => gate)).to.deep.equal(['tokenF1', 'error']);
      expect(written).to.deep.include({ indexVersion: 'docs-v2', training: null, approvals: [] });
    });

    it('is cleaned up though nobody can read what it left, which is as unknown as what is gone', async () => {
      const world = await servedWorld();
      for (const file of ['evaluation/evidence.json', 'load/evidence.json', 'canary/trip.json'])
        await put(world, file, { no: 'evidence' });
      expect(await world.endLostRelease(world.lost)).to.include({ outcome: 'failed' });
      const { evaluation, dataset, verdicts } = await world.record();
      expect({ evaluation, dataset }).to.deep.equal({ evaluation: null, dataset: null });
      expect(verdicts.map(({ gate }) => gate)).to.deep.equal(['error']);
    });
  });
});
