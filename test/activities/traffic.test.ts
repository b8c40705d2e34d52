import { expect } from 'chai';
import { createCanaryWorld, model, owner, releaseId, target, type CanaryWorld } from './support/canary-world.js';

describe('restoreChampion', () => {
  let world: CanaryWorld;
  beforeEach(async () => {
    world = await createCanaryWorld();
    await world.startCanary();
  });
  afterEach(() => world.dispose());

  const restore = () =>
    world.traffic().restoreChampion({ model, owner, champion: target('m-r1'), reason: `${releaseId} ended` });

  it('gives the champion everyone, once however often it is asked', async () => {
    expect((await restore())?.revision).to.equal(3);
    expect((await restore())?.revision).to.equal(3);
    expect(await world.router().read({ model })).to.deep.include({ challenger: null, challengerShare: 0 });
  });

  it('leaves the plan of a newer owner alone, which is no failure', async () => {
    const change = { champion: target('m-r0'), challenger: null, challengerShare: 0, reason: 'rollback by ann' };
    const lifecycle = { workflowId: 'model:m', epoch: 6 };
    await world.traffic().writePlan({ model, owner: lifecycle, change, leaseMilliseconds: null });
    expect((await restore())?.revision).to.equal(3);
    expect((await world.router().read({ model }))!.champion.releaseId).to.equal('m-r0');
  });
});
