import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import type { Candidate } from '../../src/domain/release/lifecycle-state.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { withLifecycle } from './support/lifecycle.js';
import { ref } from './support/world.js';

describe('kinds of release', function () {
  this.timeout(180_000);
  let environment: TestWorkflowEnvironment;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(() => environment.teardown());

  for (const kind of ['prompt', 'serving', 'index'] as const)
    it(`${kind}: keeps the champion's adapter, skips training, never evaluation or rollout`, () =>
      withLifecycle({
        environment,
        play: async ({ request, ended, model, world, state }) => {
          await request();
          await ended(1);
          world.calls.length = 0;
          const index = kind === 'index' ? { indexVersion: 'policies-7' } : {};
          expect(await request({ kind, ...index })).to.include({ decision: 'queued', releaseId: `${model}-r2` });
          await ended(2);
          const { champion } = await state();
          expect(champion).to.deep.include({ releaseId: `${model}-r2`, adapter: ref('adapter') });
          const indexVersion = kind === 'index' ? 'policies-7' : null;
          expect(champion!.target.indexVersion).to.equal(indexVersion);
          expect((await world.router.read({ model }))!.champion.indexVersion).to.equal(indexVersion);
          expect(world.names()).to.include.members(['prepareDataset', 'decideEvaluation', 'smokeTest', 'watchGuards']);
          expect(world.names().filter((name) => /Training$/.test(name))).to.deep.equal([]);
          const deployed = world.calls.find((call) => call.name === 'deployRelease')!.input;
          expect(deployed).to.deep.include({ releaseId: `${model}-r2`, adapter: ref('adapter') });
          const prepared = world.calls.find((call) => call.name === 'prepareDataset')!.input as {
            indexVersion?: string;
          };
          expect(prepared.indexVersion ?? null).to.equal(indexVersion);
          const decided = world.calls.find((call) => call.name === 'decideEvaluation')!.input as { indexes?: unknown };
          expect(decided.indexes).to.deep.equal(
            indexVersion ? { challenger: indexVersion, champion: null } : undefined,
          );
          expect(world.closed.at(-1)!).to.deep.include({ outcome: 'promoted' });
          expect(world.closed.at(-1)!.input.kind).to.equal(kind);
        },
      }));

  it('keeps the index with later releases, and takes it back with a rollback', () =>
    withLifecycle({
      environment,
      play: async ({ request, ended, handle, model, world }) => {
        await request();
        await ended(1);
        await request({ kind: 'index', indexVersion: 'policies-7' });
        await ended(2);
        await request({ kind: 'prompt' });
        expect((await ended(3)).champion?.target.indexVersion).to.equal('policies-7');
        const to = `${model}-r1`;
        await handle.executeUpdate(lifecycleMessages.rollback, { args: [{ to, reason: 'wrong facts', by: 'ann' }] });
        const { champion } = (await world.router.read({ model }))!;
        expect(champion).to.include({ releaseId: to, indexVersion: null });
      },
    }));

  it('refuses an index release without an index', () =>
    withLifecycle({
      environment,
      play: async ({ request, ended }) => {
        await request();
        await ended(1);
        const answer = await request({ kind: 'index' });
        expect(answer.decision).to.equal('refused');
        expect(answer.reason).to.match(/needs indexVersion/);
      },
    }));

  const candidate: Candidate = {
    ...{ releaseId: 'm-r7', version: '7', indexVersion: 'policies-3' },
    adapter: ref('adapter-of-7'),
    specification: ref('spec-of-7'),
  };

  it('rolls out a version that exists when somebody moves the alias promote, and names them', () =>
    withLifecycle({
      environment,
      script: { candidate: (version) => (version === '7' ? { by: 'bob', candidate } : null) },
      play: async ({ request, ended, handle, model, world }) => {
        await request();
        await ended(1);
        world.calls.length = 0;
        await handle.signal(lifecycleMessages.promotionAsked, { version: '7' });
        await handle.signal(lifecycleMessages.promotionAsked, { version: '8' });
        const { champion } = await ended(2);
        expect(champion).to.deep.include({ releaseId: `${model}-r2`, adapter: ref('adapter-of-7') });
        expect(champion).to.deep.include({ specification: ref('spec-of-7') });
        expect(champion!.target.indexVersion).to.equal('policies-3');
        const { input } = world.closed.at(-1)!;
        expect(input).to.deep.include({ trigger: 'promotion', requestedBy: ['bob'], candidate });
        expect(world.names()).to.include.members(['decideEvaluation', 'watchGuards']);
        expect(world.names().filter((name) => /Training$/.test(name))).to.deep.equal([]);
        const answers = world.calls.flatMap(({ name, input: said }) => (name === 'answerPromotion' ? [said] : []));
        expect(answers).to.have.length(1);
        expect(answers[0]).to.include({ version: '7', decision: 'queued', releaseId: `${model}-r2` });
      },
    }));

  it('rolls a version out once though the registry can not be told, while that runs and afterwards', () => {
    let answers = 0;
    return withLifecycle({
      environment,
      script: {
        candidate: () => ({ by: 'bob', candidate }),
        rollout: {
          approval: { automatic: true },
          bake: { duration: 'PT0S' },
          canary: { steps: [{ share: '5%', duration: 'PT0S' }] },
        },
        fail: (name) => (name === 'answerPromotion' && (answers += 1) <= 2 ? 'MLflow is away' : null),
      },
      play: async ({ handle, state, model, world }) => {
        const asked = async (count: number) => {
          await handle.signal(lifecycleMessages.promotionAsked, { version: '7' });
          while (answers < count) await environment.sleep('1 second');
        };
        await asked(1);
        await asked(2);
        expect((await state()).queue).to.deep.equal([]);
        while ((await state()).ended.length === 0) await environment.sleep('1 second');
        await asked(3);
        await environment.sleep('1 minute');
        const { releaseCount, unansweredPromotion } = await state();
        expect([releaseCount, unansweredPromotion]).to.deep.equal([1, null]);
        const said = world.calls.flatMap(({ name, input }) =>
          name === 'answerPromotion' ? (input as { releaseId: string }).releaseId : [],
        );
        expect(said).to.deep.equal([`${model}-r1`, `${model}-r1`, `${model}-r1`]);
      },
    });
  });

  it('says why a version can not be rolled out', () =>
    withLifecycle({
      environment,
      script: { candidate: (version) => ({ by: 'bob', problem: `no release registered version ${version}` }) },
      play: async ({ handle, world }) => {
        const refused = await handle.executeUpdate(lifecycleMessages.requestRollout, {
          args: [{ version: '3', reason: 'it was better', requestedBy: 'ann' }],
        });
        expect(refused).to.deep.equal({
          ...{ decision: 'refused', releaseId: null, reason: 'no release registered version 3' },
        });
        await handle.signal(lifecycleMessages.promotionAsked, { version: '3' });
        while (!world.names().includes('answerPromotion')) await environment.sleep('1 second');
        expect(world.calls.at(-1)!.input).to.include({ version: '3', decision: 'refused' });
      },
    }));
});
