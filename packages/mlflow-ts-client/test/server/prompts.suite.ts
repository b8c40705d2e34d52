import { expect } from 'chai';
import { MlflowAlreadyExistsError, MlflowArgumentError } from '../../src/errors.js';
import { collect } from '../../src/paging.js';
import { fillPrompt } from '../../src/prompt-versions.js';
import { uniqueName } from '../support/context.js';
import type { Context } from '../support/context.js';
import { failureOf } from '../support/stub-server.js';

export function promptsSuite(context: Context): void {
  it('keeps versions, with variables and aliases', async () => {
    const { prompts } = context().client;
    const name = uniqueName('answer');
    await prompts.create({ name, description: 'how to answer', tags: { owner: 'desk' } });
    const first = await prompts.createVersion({
      name,
      template: 'Answer {{ question }} from {{documents}}.',
      commitMessage: 'start',
      tags: { digest: 'd1' },
    });
    expect(first).to.deep.include({
      version: '1',
      variables: ['question', 'documents'],
      commitMessage: 'start',
      tags: { digest: 'd1' },
    });
    const chat = [{ role: 'system', content: 'Be brief, {{name}}.' }];
    await prompts.createVersion({ name, template: chat });
    expect((await prompts.getVersion({ name, version: '2' })).template).to.deep.equal(chat);
    await prompts.setAlias({ name, alias: 'champion', version: '1' });
    const champion = await prompts.getByAlias({ name, alias: 'champion' });
    expect(fillPrompt({ template: champion?.template ?? '', values: { question: 'Q', documents: 'D' } })).to.equal(
      'Answer Q from D.',
    );
    await prompts.deleteAlias({ name, alias: 'champion' });
    expect(await prompts.getByAlias({ name, alias: 'champion' })).to.equal(null);
    expect(
      (await collect({ items: prompts.searchVersions({ name, pageSize: 1 }) })).map(({ version }) => version),
    ).to.have.members(['1', '2']);
  });

  it('keeps prompts and models apart', async () => {
    const { prompts, registeredModels } = context().client;
    const [prompt, model] = [uniqueName('prompt'), uniqueName('model')];
    await prompts.getOrCreate({ name: prompt });
    await registeredModels.create({ name: model });
    expect(await failureOf(prompts.create({ name: model }))).to.be.instanceOf(MlflowAlreadyExistsError);
    expect(await failureOf(prompts.getOrCreate({ name: model })))
      .to.be.instanceOf(MlflowArgumentError)
      .with.property('message')
      .that.includes('registered model, not a prompt');
    expect(await failureOf(prompts.delete({ name: model }))).to.be.instanceOf(MlflowArgumentError);
    const names = (await collect({ items: prompts.search() })).map(({ name }) => name);
    expect(names).to.include(prompt).and.not.include(model);
    expect(await collect({ items: prompts.search({ filter: `name = '${prompt}'` }) })).to.have.length(1);
    expect((await collect({ items: registeredModels.search() })).map(({ name }) => name)).to.not.include(prompt);
  });

  it('creates one prompt and one version for one digest, however many callers there are', async () => {
    const { prompts } = context().client;
    const name = uniqueName('race');
    await Promise.all(Array.from({ length: 5 }, () => prompts.getOrCreate({ name })));
    const request = { name, template: 'same', key: 'digest', value: 'abc' };
    const versions = await Promise.all(Array.from({ length: 5 }, () => prompts.getOrCreateVersionByTag(request)));
    expect(new Set(versions.map(({ version }) => version))).to.have.length(1);
    expect(await collect({ items: prompts.searchVersions({ name }) })).to.have.length(1);
  });

  it("refuses a name that MLflow can't keep, and deletes for good", async () => {
    const { prompts } = context().client;
    expect(await failureOf(prompts.create({ name: 'a b' }))).to.be.instanceOf(MlflowArgumentError);
    const name = uniqueName('gone');
    await prompts.create({ name });
    await prompts.delete({ name });
    expect(await collect({ items: prompts.search({ filter: `name = '${name}'` }) })).to.deep.equal([]);
  });
}
