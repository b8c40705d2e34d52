import { expect } from 'chai';
import { MlflowAlreadyExistsError, MlflowInvalidParameterError, MlflowNotFoundError } from '../../src/errors.js';
import { collect } from '../../src/paging.js';
import { uniqueName } from '../support/context.js';
import type { Context } from '../support/context.js';
import { failureOf } from '../support/stub-server.js';

export function modelsSuite(context: Context): void {
  let runId: string;
  let source: string;
  before(async () => {
    const { experiments, runs } = context().client;
    const { experimentId } = await experiments.getOrCreate({ name: 'models' });
    const run = await runs.create({ experimentId });
    ({ runId } = run);
    source = `${run.artifactUri}/adapter`;
  });
  const makeModel = async () => {
    const name = uniqueName('support-assistant');
    await context().client.registeredModels.create({ name, description: 'desk', tags: { family: 'support' } });
    return name;
  };

  it('creates, describes, tags, renames and deletes a model', async () => {
    const { registeredModels } = context().client;
    const name = await makeModel();
    await registeredModels.setTag({ name, key: 'domain', value: 'courier' });
    await registeredModels.deleteTag({ name, key: 'family' });
    await registeredModels.update({ name, description: 'new' });
    await registeredModels.rename({ name, newName: `${name}.x` });
    expect(await registeredModels.get({ name: `${name}.x` })).to.deep.include({
      description: 'new',
      tags: { domain: 'courier' },
      aliases: {},
    });
    await registeredModels.delete({ name: `${name}.x` });
    expect(await failureOf(registeredModels.get({ name: `${name}.x` }))).to.be.instanceOf(MlflowNotFoundError);
  });

  it('gives ten callers at once the same model', async () => {
    const { registeredModels } = context().client;
    const name = uniqueName('race');
    const found = await Promise.all(Array.from({ length: 10 }, () => registeredModels.getOrCreate({ name })));
    expect(new Set(found.map((model) => model.createdAt))).to.have.length(1);
    expect(await failureOf(registeredModels.create({ name }))).to.be.instanceOf(MlflowAlreadyExistsError);
  });

  it('searches models over pages', async () => {
    const { registeredModels } = context().client;
    const stem = uniqueName('page');
    for (let i = 0; i < 5; i += 1) await registeredModels.create({ name: `${stem}.${i}` });
    const items = registeredModels.search({ filter: `name LIKE '${stem}.%'`, orderBy: ['name DESC'], pageSize: 2 });
    expect((await collect({ items })).map(({ name }) => name)).to.deep.equal(
      [4, 3, 2, 1, 0].map((i) => `${stem}.${i}`),
    );
  });

  it('counts versions, tags and describes them, and finds them', async () => {
    const { modelVersions } = context().client;
    const name = await makeModel();
    const first = await modelVersions.create({ name, source, runId, description: 'first', tags: { release: 'r1' } });
    const second = await modelVersions.create({ name, source, runId });
    expect([first.version, second.version]).to.deep.equal(['1', '2']);
    await modelVersions.setTag({ name, version: '2', key: 'release', value: 'r2' });
    await modelVersions.deleteTag({ name, version: '1', key: 'release' });
    await modelVersions.update({ name, version: '2', description: 'second' });
    expect(await modelVersions.get({ name, version: '2' })).to.deep.include({
      description: 'second',
      tags: { release: 'r2' },
      runId,
      source,
      status: 'READY',
    });
    expect(await collect({ items: modelVersions.search({ filter: `name = '${name}'`, pageSize: 1 }) })).to.have.length(
      2,
    );
    expect(await modelVersions.getDownloadUri({ name, version: '1' })).to.equal(source);
    await modelVersions.delete({ name, version: '1' });
    expect(await failureOf(modelVersions.get({ name, version: '1' }))).to.be.instanceOf(MlflowNotFoundError);
  });

  it('refuses a source outside the artifacts, and a model that is none', async () => {
    const { modelVersions } = context().client;
    const name = await makeModel();
    expect(await failureOf(modelVersions.create({ name, source: 'file:///etc' }))).to.be.instanceOf(
      MlflowInvalidParameterError,
    );
    expect(await failureOf(modelVersions.create({ name: uniqueName('none'), source, runId }))).to.be.instanceOf(
      MlflowNotFoundError,
    );
  });

  it('creates one version for one key, however many callers there are', async () => {
    const { modelVersions } = context().client;
    const name = await makeModel();
    const request = { name, source, runId, key: 'understudy.release', value: `${name}-r1` };
    const found = await Promise.all(Array.from({ length: 6 }, () => modelVersions.getOrCreateByTag(request)));
    expect(new Set(found.map(({ version }) => version))).to.have.length(1);
    expect(await collect({ items: modelVersions.search({ filter: `name = '${name}'` }) })).to.have.length(1);
    expect((await modelVersions.getOrCreateByTag(request)).version).to.equal(found[0]?.version);
  });

  it('moves aliases, and answers null where none is', async () => {
    const { registeredModels, modelVersions } = context().client;
    const name = await makeModel();
    await modelVersions.create({ name, source, runId });
    await modelVersions.create({ name, source, runId });
    expect(await registeredModels.getByAlias({ name, alias: 'champion' })).to.equal(null);
    await registeredModels.setAlias({ name, alias: 'champion', version: '1' });
    await registeredModels.setAlias({ name, alias: 'champion', version: '2' });
    await registeredModels.setAlias({ name, alias: 'challenger', version: '1' });
    expect(await registeredModels.getByAlias({ name, alias: 'champion' })).to.deep.include({
      version: '2',
      aliases: ['champion'],
    });
    expect((await registeredModels.get({ name })).aliases).to.deep.equal({ champion: '2', challenger: '1' });
    await registeredModels.deleteAlias({ name, alias: 'champion' });
    await registeredModels.deleteAlias({ name, alias: 'champion' });
    expect(await registeredModels.getByAlias({ name, alias: 'champion' })).to.equal(null);
    expect(await registeredModels.getByAlias({ name: uniqueName('none'), alias: 'champion' })).to.equal(null);
  });

  it('does not take other refusals of an alias for a missing one', async () => {
    const { registeredModels } = context().client;
    const name = await makeModel();
    expect(await failureOf(registeredModels.setAlias({ name, alias: 'champion', version: '9' }))).to.be.instanceOf(
      MlflowNotFoundError,
    );
    expect(await failureOf(registeredModels.setAlias({ name, alias: 'v1', version: '1' }))).to.be.instanceOf(
      MlflowInvalidParameterError,
    );
    expect(await failureOf(registeredModels.getByAlias({ name, alias: '' }))).to.be.instanceOf(
      MlflowInvalidParameterError,
    );
  });
}
