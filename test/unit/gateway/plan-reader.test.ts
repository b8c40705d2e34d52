import { expect } from 'chai';
import { promptSchema } from '../../../src/domain/release/prompt.js';
import { PlanReader, type Refusal } from '../../../src/gateway/plan-reader.js';
import { languagesHere } from '../../gateway/support/languages-here.js';
import { FragileStore } from '../../gateway/support/fragile-store.js';
import { model, openGatewayWorld, type GatewayWorld } from '../../gateway/support/gateway-world.js';

describe('plan reader', () => {
  let world: GatewayWorld;
  let store: FragileStore;
  let refused: { model: string; refusal: Refusal; reason: string }[];
  let adopted: number[];
  let now: number;

  beforeEach(async () => {
    world = await openGatewayWorld();
    store = new FragileStore(world.store);
    [refused, adopted, now] = [[], [], 1_000_000];
  });
  afterEach(() => world.close());

  const reader = (models: string[] | null = null) =>
    new PlanReader({
      store,
      models,
      clock: () => now,
      languages: languagesHere,
      pollMilliseconds: 10,
      slowMilliseconds: 450,
      onAdopt: ({ revision }) => adopted.push(revision),
      onRefuse: (input) => refused.push(input),
    });
  const overwrite = async (body: unknown) => {
    const key = `traffic/${model}.json`;
    const { version } = (await world.store.get({ key }))!;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    await world.store.compareAndSet({ key, body: Buffer.from(text), expected: version });
  };

  it('finds every model with a plan, and follows it', async () => {
    const plans = reader();
    await plans.refresh();
    expect([plans.states(), plans.serves(model)]).to.deep.equal([[], false]);
    await world.writePlan();
    await plans.refresh();
    await world.writePlan({ challengerShare: 0.25 });
    await plans.refresh();
    await plans.refresh();
    expect(plans.state(model)!.plan).to.deep.include({ revision: 2, challengerShare: 0.25 });
    expect(adopted).to.deep.equal([1, 2]);
    expect(refused).to.deep.equal([]);
  });

  it('confirms an unchanged plan, and lets its age grow while the store is away', async () => {
    await world.writePlan();
    const plans = reader();
    await plans.refresh();
    now += 500;
    await plans.refresh();
    expect(plans.state(model)!.confirmedAt).to.equal(now);
    store.away = true;
    now += 500;
    await plans.refresh();
    expect(plans.state(model)!.confirmedAt).to.equal(now - 500);
    expect(new Set(refused.map(({ refusal }) => refusal))).to.deep.equal(new Set(['unreachable']));
  });

  const bad: { name: string; refusal: Refusal; reason: RegExp; body: (plan: object) => unknown }[] = [
    { name: 'half a plan', refusal: 'corrupt', reason: /expected object/, body: () => '{"model":"sup' },
    {
      name: 'a share over 1',
      refusal: 'corrupt',
      reason: /challengerShare/,
      body: (plan) => ({ ...plan, challengerShare: 2 }),
    },
    {
      name: "another model's plan",
      refusal: 'otherModel',
      reason: /the plan is of other, expected support-assistant/,
      body: (plan) => ({ ...plan, model: 'other', revision: 9 }),
    },
    {
      name: 'an older revision',
      refusal: 'olderRevision',
      reason: /revision 1 < 2/,
      body: (plan) => ({ ...plan, revision: 1 }),
    },
  ];
  for (const { name, refusal, reason, body } of bad)
    it(`keeps the last good plan over ${name}, and takes the next good one`, async () => {
      await world.writePlan();
      const good = await world.writePlan({ challengerShare: 0.1 });
      const plans = reader();
      await plans.refresh();
      await overwrite(body(good));
      await plans.refresh();
      expect(plans.state(model)!.plan).to.deep.equal(good);
      expect(refused.at(-1)).to.deep.include({ model, refusal });
      expect(refused.at(-1)!.reason).to.match(reason);
      await overwrite({ ...good, revision: 3, challengerShare: 0.2 });
      await plans.refresh();
      expect(plans.state(model)!.plan.challengerShare).to.equal(0.2);
    });

  it('keeps the last good plan when it is removed', async () => {
    await world.writePlan();
    const plans = reader([model]);
    await plans.refresh();
    await world.store.remove({ key: `traffic/${model}.json` });
    await plans.refresh();
    expect(plans.state(model)!.plan.revision).to.equal(1);
    expect(refused.at(-1)!.refusal).to.equal('missing');
  });

  it('adopts a plan only together with the prompts of its releases', async () => {
    const key = 'releases/m-r2/prompt.json';
    await world.writePlan({ challenger: null });
    const plans = reader();
    await plans.refresh();
    await world.store.put({ key, body: Buffer.from('{"template":"no question"}') });
    await world.writePlan({ challengerShare: 0.5 });
    await plans.refresh();
    expect(plans.state(model)!.plan.revision, 'the challenger has no usable prompt').to.equal(1);
    expect(refused.at(-1)!.reason).to.match(/m-r2\/prompt\.json: .*contains \{query\}/);
    await world.store.put({ key, body: Buffer.from('{"template":"<{query}>"}') });
    await plans.refresh();
    expect(plans.state(model)!.plan.revision).to.equal(2);
    expect(plans.state(model)!.prompts.get('m-r2')).to.deep.equal(promptSchema.parse({ template: '<{query}>' }));
    expect(plans.state(model)!.prompts.get('m-r1')).to.deep.equal(promptSchema.parse({}));
  });

  it("takes the model's own SLO where there is one, and keeps it over a corrupt one", async () => {
    const key = `models/${model}/serving.json`;
    await world.writePlan();
    const plans = reader();
    const slow = async () => {
      await plans.refresh();
      return plans.state(model)!.slowMilliseconds;
    };
    expect(await slow()).to.equal(450);
    await world.store.put({ key, body: Buffer.from('{"slowMilliseconds":10000}') });
    expect(await slow()).to.equal(10_000);
    await world.store.put({ key, body: Buffer.from('{"slowMilliseconds":"soon"}') });
    expect(await slow()).to.equal(10_000);
    expect(refused.at(-1)!.reason).to.match(/slowMilliseconds/);
  });

  it('follows a rollback while what the spec says of requests can not be read', async () => {
    await world.writeServing({ slowMilliseconds: 10_000 });
    await world.writePlan({ challengerShare: 0.5 });
    const plans = reader();
    await plans.refresh();
    store.forbidden.add(`models/${model}/serving.json`);
    await world.writePlan({ challenger: null, lease: null });
    await plans.refresh();
    expect(plans.state(model)!.plan).to.include({ revision: 2, challengerShare: 0 });
    expect(plans.state(model)!.slowMilliseconds).to.equal(10_000);
    expect(refused.at(-1)!.reason).to.match(/serving\.json: .*may not be read/);
  });

  const unknown: { name: string; spoil: () => Promise<unknown> }[] = [
    { name: 'can not be read', spoil: () => Promise.resolve(store.forbidden.add(`models/${model}/serving.json`)) },
    {
      name: 'is corrupt',
      spoil: () => world.store.put({ key: `models/${model}/serving.json`, body: Buffer.from('{"guardrails":1}') }),
    },
  ];
  for (const { name, spoil } of unknown)
    it(`serves nobody without the guardrails of the spec where the first document ${name}`, async () => {
      await spoil();
      await world.writePlan();
      const plans = reader();
      await plans.refresh();
      expect(plans.state(model)).to.equal(null);
      store.forbidden.clear();
      await world.writeServing({ slowMilliseconds: 450, guardrails: { input: { injection: 'refuse' } } });
      await plans.refresh();
      expect(plans.state(model)!.guardrails.watches.input).to.equal(true);
    });
});
