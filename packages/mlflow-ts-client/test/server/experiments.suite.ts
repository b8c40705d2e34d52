import { expect } from 'chai';
import {
  MlflowAlreadyExistsError,
  MlflowConflictError,
  MlflowInvalidParameterError,
  MlflowNotFoundError,
} from '../../src/errors.js';
import { collect } from '../../src/paging.js';
import { uniqueName } from '../support/context.js';
import type { Context } from '../support/context.js';
import { failureOf } from '../support/stub-server.js';

export function experimentsSuite(context: Context): void {
  it('creates, reads, tags and renames', async () => {
    const { experiments } = context().client;
    const name = uniqueName('exp é "quoted"');
    const { experimentId } = await experiments.create({ name, tags: { team: 'ml', ['__proto__']: 'kept' } });
    await experiments.setTag({ experimentId, key: 'stage', value: 'test' });
    await experiments.rename({ experimentId, name: `${name}!` });
    const found = await experiments.get({ experimentId });
    expect(found).to.include({ experimentId, name: `${name}!`, lifecycleStage: 'active' });
    expect(found.tags).to.include({ team: 'ml', stage: 'test' });
    expect(Object.keys(found.tags)).to.include('__proto__');
    expect(found.createdAt).to.be.within(Date.now() - 60_000, Date.now() + 1000);
    expect(await experiments.getByName({ name: `${name}!` })).to.deep.equal(found);
  });

  it('answers null for a name that is free, and a typed error for an id that is none', async () => {
    const { experiments } = context().client;
    expect(await experiments.getByName({ name: uniqueName('free') })).to.equal(null);
    expect(await failureOf(experiments.get({ experimentId: '987654' }))).to.be.instanceOf(MlflowNotFoundError);
  });

  it('refuses a second of the same name, yet ten callers at once get the same one', async () => {
    const { experiments } = context().client;
    const name = uniqueName('race');
    const found = await Promise.all(Array.from({ length: 10 }, () => experiments.getOrCreate({ name })));
    expect(new Set(found.map(({ experimentId }) => experimentId))).to.have.length(1);
    expect(await failureOf(experiments.create({ name }))).to.be.instanceOf(MlflowAlreadyExistsError);
  });

  it('says that a deleted experiment holds the name, until it is restored', async () => {
    const { experiments } = context().client;
    const name = uniqueName('deleted');
    const { experimentId } = await experiments.create({ name });
    await experiments.delete({ experimentId });
    expect(await failureOf(experiments.getOrCreate({ name })))
      .to.be.instanceOf(MlflowConflictError)
      .with.property('message')
      .that.includes('restore it');
    await experiments.restore({ experimentId });
    expect((await experiments.getOrCreate({ name })).experimentId).to.equal(experimentId);
  });

  it('searches over pages, and names a filter that is no filter', async () => {
    const { experiments } = context().client;
    const stem = uniqueName('search');
    for (let i = 0; i < 5; i += 1) await experiments.create({ name: `${stem}.${i}` });
    const items = experiments.search({ filter: `name LIKE '${stem}.%'`, orderBy: ['name ASC'], pageSize: 2 });
    expect((await collect({ items })).map(({ name }) => name)).to.deep.equal(
      [0, 1, 2, 3, 4].map((i) => `${stem}.${i}`),
    );
    expect(await failureOf(collect({ items: experiments.search({ filter: 'nonsense' }) }))).to.be.instanceOf(
      MlflowInvalidParameterError,
    );
  });
}
