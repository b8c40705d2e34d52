import { expect } from 'chai';
import { recomputeCanary } from '../../../src/activities/recompute/recompute-canary.js';
import { stepKey, tripKey } from '../../../src/activities/canary-evidence.js';
import { storeKeys } from '../../../src/contracts/store-keys.js';
import { rolloutSpecSchema } from '../../../src/domain/spec/rollout-spec.js';
import { createCanaryWorld, model, releaseId, watchInput, type CanaryWorld } from '../support/canary-world.js';

describe('a canary made again from what it left', () => {
  let world: CanaryWorld;
  beforeEach(async () => {
    world = await createCanaryWorld();
    await world.startCanary();
  });
  afterEach(() => world.dispose());

  const { guards } = watchInput();
  const rollout = rolloutSpecSchema.parse({ canary: { guards } });
  const again = () => recomputeCanary({ store: world.store, releaseId });
  const look = async (users: number, failed: number) => {
    await world.writeTelemetry({ users, failed });
    world.pass(1000);
    return await world.watch();
  };
  const assess = () =>
    world.assessments().assessStep({
      releaseId,
      model,
      revision: 2,
      fromRevision: 2,
      step: rollout.canary.steps[0]!,
      rollout,
    });
  /** Changes a stored file as somebody with access to the store could. */
  const edit = async (key: string, from: string, to: string) => {
    const text = Buffer.from((await world.store.get({ key }))!.body).toString('utf8');
    expect(text).to.contain(from);
    await world.store.put({ key, body: Buffer.from(text.replace(from, to)) });
  };

  it('says the same at every look and step, bit for bit', async () => {
    for (const users of [40, 200, 400]) await look(users, 2);
    await assess();
    await look(1600, 4);
    const parts = await again();
    expect(parts.map(({ part, from }) => `${part}, ${from}`)).to.deep.equal([
      'guards, 4 looks',
      'step at revision 2, 4 looks',
    ]);
    expect(parts.flatMap(({ differences }) => differences)).to.deep.equal([]);
    expect(parts[1]!.asRecorded).to.deep.equal(['telemetry']);
  });

  it('says the same of a trip, whether its look was new or counted before', async () => {
    await look(400, 2);
    expect((await look(400, 12)).kind).to.equal('tripped');
    const parts = await again();
    expect(parts.map(({ part, verdict }) => `${part}: ${verdict}`)).to.deep.equal([
      'guards: fail',
      'rollback by a guard: fail',
    ]);
    expect(parts.flatMap(({ differences }) => differences)).to.deep.equal([]);
  });

  it('names each figure that was changed', async () => {
    await look(400, 2);
    await assess();
    await look(400, 12);
    const looks = storeKeys.release({ releaseId, file: 'canary/looks-000000.jsonl' });
    await edit(looks, '"challenger":{"keys":100,"events":{"error":2}', '"challenger":{"keys":100,"events":{"error":3}');
    const parts = await again();
    expect(parts[0]!.differences.map(({ what }) => what)).to.include('error at 2026-03-01T00:00:01.000Z: eValue');
    await edit(stepKey({ releaseId, revision: 2 }), '"verdict":"unmeasured"', '"verdict":"pass"');
    expect((await again())[1]!.differences).to.not.deep.equal([]);
    await edit(tripKey({ releaseId }), '"events":0,"keys":0', '"events":9,"keys":60');
    expect((await again())[2]!.differences.map(({ what }) => what.split(':')[0])).to.include('error limit');
  });

  it('takes the bake of a first champion by the absolute limit alone', async () => {
    await world.assessments().assessBake({ releaseId, model, fromRevision: null, rollout, first: true });
    const [bake, ...more] = await again();
    expect(more).to.deep.equal([]);
    expect(bake).to.deep.include({ part: 'bake at revision 2', differences: [], asRecorded: ['bake'] });
  });

  it('is nothing where there was none, and says so where the rules were not kept', async () => {
    expect(await again()).to.deep.equal([]);
    await assess();
    expect((await again()).map(({ differences }) => differences.length)).to.deep.equal([1]);
  });
});
