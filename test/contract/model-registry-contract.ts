import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { ModelRegistry } from '../../src/activities/ports.js';
import { expectPortError } from './support/expect-port-error.js';

/** What every model registry must do. `open` returns the same registry again, as another process would see it. */
export function describeModelRegistry({ name, open }: { name: string; open: () => ModelRegistry }): void {
  describe(`${name} keeps the contract of ModelRegistry`, () => {
    let registry: ModelRegistry;
    let model: string;
    let releaseId: string;
    const run = () => registry.ensureRun({ model, releaseId, tags: { 'understudy.kind': 'training' } });
    const version = async (release = releaseId) => {
      const { runId } = await registry.ensureRun({ model, releaseId: release, tags: {} });
      return registry.ensureVersion({ model, releaseId: release, runId, tags: { 'understudy.evidence': 'abc' } });
    };

    beforeEach(() => {
      registry = open();
      model = `model-${randomUUID()}`;
      releaseId = `${model}-r1`;
    });

    it('finds the same run again, whoever asks', async () => {
      const first = await run();
      expect(await open().ensureRun({ model, releaseId, tags: {} })).to.deep.equal(first);
      expect(await registry.ensureRun({ model, releaseId: `${model}-r2`, tags: {} })).not.to.deep.equal(first);
    });

    it('gives 8 askers at once one run', async () => {
      const runs = await Promise.all(Array.from({ length: 8 }, run));
      expect(new Set(runs.map(({ runId }) => runId)).size).to.equal(1);
      expect(await open().ensureRun({ model, releaseId, tags: {} })).to.deep.equal(runs[0]);
    });

    it('takes parameters, metrics, tags, a data set and an artifact, repeated too', async () => {
      const { runId } = await run();
      for (let time = 0; time < 2; time += 1) {
        await registry.logParameters({ runId, parameters: { rank: '16', base: 'tiny' } });
        await registry.logMetrics({ runId, metrics: { tokenF1: 0.7, cost: 0 } });
        await registry.setTags({ runId, tags: { 'understudy.outcome': 'promoted' } });
        await registry.logDataset({ runId, name: 'tickets', digest: 'a'.repeat(64), source: 'store://d', rows: 400 });
        await registry.putArtifact({ runId, path: 'understudy/record.json', body: Buffer.from('{}') });
        await registry.logTraces({ model, runId, traces: [] });
      }
      expect(await registry.metricHistory({ runId, metric: 'tokenF1' })).to.deep.equal([{ step: 0, value: 0.7 }]);
      expect(await registry.metricHistory({ runId, metric: 'nothing' })).to.deep.equal([]);
      await registry.endRun({ runId, succeeded: true });
      await registry.endRun({ runId, succeeded: true });
    });

    it('refuses to change a parameter', async () => {
      const { runId } = await run();
      await registry.logParameters({ runId, parameters: { rank: '16' } });
      await expectPortError(registry.logParameters({ runId, parameters: { rank: '8' } }), 'InvalidInput', 'rank');
    });

    it('says NotFound for a run that is not there', async () => {
      const gone = { runId: '0'.repeat(32) };
      await expectPortError(registry.setTags({ ...gone, tags: { a: 'b' } }), 'NotFound', gone.runId);
      await expectPortError(registry.endRun({ ...gone, succeeded: false }), 'NotFound');
    });

    it('finds the same version again and numbers the next release by itself', async () => {
      const first = await version();
      expect(await version()).to.deep.equal(first);
      const second = await version(`${model}-r2`);
      expect(Number(second.version)).to.be.above(Number(first.version));
      await registry.setVersionTags({ model, ...second, tags: { 'understudy.outcome': 'promoted' } });
      await expectPortError(
        registry.setVersionTags({ model, version: '99', tags: { a: 'b' } }),
        'NotFound',
        'version 99',
      );
    });

    it('knows the version of a release, and makes none where there is none', async () => {
      expect(await registry.versionOf({ model, releaseId })).to.equal(null);
      const first = await version();
      await version(`${model}-r2`);
      expect(await open().versionOf({ model, releaseId })).to.deep.equal(first);
      expect(await registry.versionOf({ model, releaseId: `${model}-r3` })).to.equal(null);
    });

    it('gives 6 askers at once one version', async () => {
      await run();
      const versions = await Promise.all(Array.from({ length: 6 }, () => version()));
      expect(new Set(versions.map((one) => one.version)).size).to.equal(1);
    });

    it('moves an alias and knows the release behind it', async () => {
      expect(await registry.aliasTarget({ model, alias: 'champion' })).to.equal(null);
      await registry.removeAlias({ model, alias: 'champion' });
      const [first, second] = [await version(), await version(`${model}-r2`)];
      await registry.setAlias({ model, alias: 'champion', ...first });
      await registry.setAlias({ model, alias: 'champion', ...first });
      expect(await registry.aliasTarget({ model, alias: 'champion' })).to.deep.equal({ ...first, releaseId });
      await registry.setAlias({ model, alias: 'champion', ...second });
      expect(await open().aliasTarget({ model, alias: 'champion' })).to.deep.equal({
        ...second,
        releaseId: `${model}-r2`,
      });
      await registry.removeAlias({ model, alias: 'champion' });
      await registry.removeAlias({ model, alias: 'champion' });
      expect(await registry.aliasTarget({ model, alias: 'champion' })).to.equal(null);
      await expectPortError(registry.setAlias({ model, alias: 'champion', version: '99' }), 'NotFound');
    });

    it('says what is known of a version, and which versions carry an alias', async () => {
      const { version: first } = await version();
      expect(await registry.describeVersion({ model, version: '99' })).to.equal(null);
      await registry.setVersionTags({ model, version: first, tags: { asked: 'yes' } });
      await registry.setAlias({ model, alias: 'promote', version: first });
      const described = await registry.describeVersion({ model, version: first });
      expect(described).to.deep.include({ releaseId, aliases: ['promote'] });
      expect(described!.tags).to.include({ asked: 'yes' });
      expect(await registry.aliased({ alias: 'promote' })).to.deep.include({ model, version: first });
      await registry.removeAlias({ model, alias: 'promote' });
      expect((await registry.aliased({ alias: 'promote' })).filter((one) => one.model === model)).to.deep.equal([]);
    });
  });
}
