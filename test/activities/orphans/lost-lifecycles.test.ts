import { expect } from 'chai';
import { PortError, type AuditEntry } from '../../../src/activities/ports.js';
import { planKey } from '../../../src/adapters/store-router/store-router.js';
import { storeKeys } from '../../../src/contracts/store-keys.js';
import { day, hour, id, model, target, createSweptWorld, type SweptWorld } from '../support/swept-world.js';

describe('the orphan sweep, of a model whose lifecycle is gone', () => {
  let world: SweptWorld;
  beforeEach(async () => {
    world = createSweptWorld();
    await world.memory.put({ key: storeKeys.specification({ model, digest: 'a' }), body: Buffer.from('{}') });
    await world.deploy(7);
  });

  const begin = () => world.memory.put({ key: storeKeys.prompt({ releaseId: id(7) }), body: Buffer.from('{}') });
  const note = (key: string, kind: AuditEntry['kind']) =>
    world.audit.append({
      model,
      entry: { key, kind, actor: 'ann', releaseId: null, reason: 'test', evidenceDigest: null, details: {} },
    });
  const listed = () => world.activities.listSweptModels();

  it('says that nobody looks after it, since when, and what to do; it touches nothing', async () => {
    await begin();
    world.known.state = null;
    expect(await listed()).to.deep.equal([model]);
    const { orphans, fresh, unswept } = await world.activities.findOrphans({ model });
    expect({ orphans, fresh }).to.deep.equal({ orphans: [], fresh: [] });
    expect(unswept!.since).to.equal('2026-03-01T00:00:00.000Z');
    expect(unswept!.reason)
      .to.contain(`no lifecycle of ${model} runs`)
      .and.to.contain('"understudy apply"')
      .and.to.contain(`"understudy remove ${model}"`);
    world.pass(day);
    expect((await world.activities.findOrphans({ model })).unswept).to.deep.equal(unswept);
    expect([...world.outside.served.keys()]).to.deep.equal([id(7)]);
  });

  it('counts anew once a lifecycle has run in between, so that people are told again', async () => {
    const { state } = world.known;
    await begin();
    world.known.state = null;
    await world.activities.findOrphans({ model });
    world.known.state = state;
    expect(await world.activities.findOrphans({ model })).not.to.have.property('unswept');
    world.pass(hour);
    world.known.state = null;
    expect((await world.activities.findOrphans({ model })).unswept!.since).to.equal('2026-03-01T01:00:00.000Z');
  });

  it('knows one by its traffic plan too', async () => {
    world.known.state = null;
    await world.router.write({
      ...{ model, owner: { workflowId: `release:${id(5)}`, epoch: 16 }, expectedRevision: null },
      change: { champion: target(5), reason: 'promoted' },
    });
    expect(await listed()).to.deep.equal([model]);
  });

  it('makes nothing of a spec under which nothing has begun, such as one that was refused', async () => {
    world.known.state = null;
    expect(await listed()).to.deep.equal([]);
    // Of another model, whose name begins alike.
    await world.memory.put({ key: storeKeys.prompt({ releaseId: `${id(1)}-r1` }), body: Buffer.from('{}') });
    expect(await listed()).to.deep.equal([]);
  });

  it('makes nothing of one that a person has removed, until a spec of it is applied again', async () => {
    await begin();
    world.known.state = null;
    await note('specification/a/ann/1', 'specification');
    expect(await listed()).to.deep.equal([model]);
    await note(`removed/model:${model}/19`, 'deletion');
    await note('rollback/late', 'rollback');
    expect(await listed()).to.deep.equal([]);
    await note('specification/a/ann/2', 'specification');
    expect(await listed()).to.deep.equal([model]);
  });

  it('keeps no other model from being swept where its plan is none', async () => {
    world.known.state = null;
    await world.memory.put({ key: planKey(model), body: Buffer.from('{"revision":') });
    expect(await listed()).to.deep.equal([model]);
  });

  it('is not taken for one whose lifecycle can not be asked', async () => {
    await begin();
    world.known.asks = () => Promise.reject(new PortError('Unavailable', 'Temporal is away'));
    const refused = await world.activities.findOrphans({ model }).catch((error: PortError) => error.type);
    expect(refused).to.equal('Unavailable');
    expect((await world.memory.list({ prefix: 'orphans/' })).length).to.equal(0);
  });
});
