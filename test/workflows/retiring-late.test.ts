import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { withReleases } from './support/promoted-releases.js';
import { waitFor } from './support/started-release.js';

describe('a champion that was replaced and could not be retired', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(() => environment?.teardown());

  it('is retired later, also where the next one is withdrawn meanwhile', () =>
    withReleases({
      environment,
      count: 3,
      play: async ({ model, world, away, rollBack, state }) => {
        away.add('retireRelease');
        await rollBack();
        expect((await rollBack(`${model}-r1`)).champion).to.equal(`${model}-r1`);
        expect((await state()).unfinishedReturn?.withdrawn).to.deep.equal([`${model}-r2`, `${model}-r3`]);
        away.clear();
        await environment.sleep('1 hour');
        expect((await state()).unfinishedReturn).to.equal(null);
        expect([...world.served]).to.deep.equal([`${model}-r1`]);
      },
    }));

  it('is retired after the next promotion, which moves nothing else', () =>
    withReleases({
      environment,
      count: 2,
      play: async ({ model, world, away, rollBack, request, ended }) => {
        away.add('retireRelease');
        await rollBack();
        await request();
        await waitFor(async () => {
          await environment.sleep('1 second');
          return world.plans.at(-1)!.champion.releaseId === `${model}-r3` ? true : null;
        });
        away.clear();
        await ended(3);
        await environment.sleep('1 hour');
        expect([...world.served]).to.deep.equal([`${model}-r3`]);
        expect(world.aliases).to.deep.equal({ champion: `version of ${model}-r3`, challenger: null });
      },
    }));

  it('is retired by the lifecycle where its release could not', () => {
    let broken = true;
    const refused = (name: string) => (broken && name === 'retireRelease' ? 'the platform refuses' : null);
    return withReleases({
      environment,
      count: 2,
      script: { fail: refused },
      play: async ({ model, world, state }) => {
        const { champion, ended, unfinishedReturn } = await state();
        expect(champion?.releaseId).to.equal(`${model}-r2`);
        expect(ended.at(-1)!.reasons).to.include('the platform refuses');
        expect(unfinishedReturn?.withdrawn).to.deep.equal([`${model}-r1`]);
        broken = false;
        await environment.sleep('1 hour');
        expect((await state()).unfinishedReturn).to.equal(null);
        expect([...world.served]).to.deep.equal([`${model}-r2`]);
      },
    });
  });
});
