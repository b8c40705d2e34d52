import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import type { DeployInput } from '../../src/activities/serving.js';
import type { GenerateAnswersInput } from '../../src/contracts/evaluation.js';
import { rolloutMessages, type ReleaseInput, type ReleaseResult } from '../../src/contracts/release.js';
import type { KeptRelease } from '../../src/domain/release/lifecycle-state.js';
import { release } from '../../src/workflows/release.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { onStage, type StageSet } from './support/stage.js';
import { ref, verdict, type Script } from './support/world.js';

const automatic = { approval: { automatic: true }, canary: { steps: [{ share: '5%' }, { share: '25%' }] } };

const champion = (model: string): KeptRelease => ({
  releaseId: `${model}-r1`,
  version: '1',
  base: 'base',
  target: {
    releaseId: `${model}-r1`,
    endpoint: 'http://127.0.0.1:2/v1',
    adapter: `${model}-r1`,
    promptDigest: null,
    indexVersion: null,
  },
  adapter: ref('champion'),
  specification: ref('spec'),
  promotedAt: '2026-01-01T00:00:00.000Z',
});

describe('release workflow', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(() => environment.teardown());

  function inputFor({ model, withChampion }: { model: string; withChampion: boolean }): ReleaseInput {
    return {
      releaseId: `${model}-r2`,
      model,
      kind: 'training',
      trigger: 'person',
      requestedBy: ['ann'],
      reasons: ['test'],
      specification: ref('spec'),
      champion: withChampion ? champion(model) : null,
      epoch: 4,
    };
  }

  /** Plays one release to its end. The champion, where there is one, serves everyone before it starts. */
  async function playRelease({
    script,
    withChampion = true,
    during,
    check,
  }: {
    script: Script;
    withChampion?: boolean;
    during?: (set: StageSet & { input: ReleaseInput }) => Promise<void>;
    check: (played: { result: ReleaseResult; set: StageSet; input: ReleaseInput }) => Promise<void> | void;
  }): Promise<void> {
    await onStage({
      environment,
      script: { rollout: automatic, ...script },
      play: async (set) => {
        const model = `m${randomUUID().slice(0, 8)}`;
        const input = inputFor({ model, withChampion });
        if (input.champion) {
          const owner = { workflowId: `model:${model}`, epoch: 2 };
          await set.world.router.write({
            model,
            owner,
            change: { champion: input.champion.target, reason: 'before' },
            expectedRevision: null,
          });
          set.world.served.add(input.champion.releaseId);
        }
        const handle = await environment.client.workflow.start(release, {
          workflowId: `release:${input.releaseId}`,
          taskQueue: set.orchestration,
          args: [input],
        });
        // Time is skipped only while somebody waits for a result.
        const ended = handle.result();
        await during?.({ ...set, input });
        await check({ result: await ended, set, input });
      },
    });
  }

  const current = async ({ set, input }: { set: StageSet; input: ReleaseInput }) =>
    (await set.world.router.read({ model: input.model }))!;

  it('hands traffic over step by step, bakes with a holdback and retires the old champion', () =>
    playRelease({
      script: {},
      check: async ({ result, set, input }) => {
        expect(result).to.include({ outcome: 'promoted', stage: 'retire', withdrawnAt: null });
        expect(set.world.plans.map((plan) => [plan.revision, plan.challengerShare, plan.holdback])).to.deep.equal([
          [1, 0, 0],
          [2, 0.05, 0],
          [3, 0.25, 0],
          [4, 1, 0.05],
          [5, 0, 0],
        ]);
        expect(await current({ set, input })).to.deep.include({ challenger: null, lease: null });
        expect((await current({ set, input })).champion.releaseId).to.equal(input.releaseId);
        expect([...set.world.served]).to.deep.equal([input.releaseId]);
        expect(set.world.aliases).to.deep.equal({ champion: `version of ${input.releaseId}`, challenger: null });
        expect(result.kept?.releaseId).to.equal(input.releaseId);
      },
    }));

  it('makes a first release champion without a canary', () =>
    playRelease({
      script: {},
      withChampion: false,
      check: async ({ result, set, input }) => {
        expect(result.outcome).to.equal('promoted');
        expect(set.world.plans).to.have.length(1);
        expect((await current({ set, input })).champion.releaseId).to.equal(input.releaseId);
        expect(set.world.names()).to.not.include('watchGuards');
      },
    }));

  for (const alone of [false, true])
    it(`asks the champion ${alone ? 'where it serves' : 'where the challenger is asked'} where an endpoint answers for ${alone ? 'one release' : 'all'}`, () =>
      playRelease({
        script: { evaluation: () => 'fail', served: alone ? { alone } : {} },
        check: ({ set, input }) => {
          const asked = set.world.calls
            .filter(({ name }) => name === 'generateAnswers')
            .map(({ input: one }) => (one as GenerateAnswersInput).target);
          const champion = asked.find(({ releaseId }) => releaseId === input.champion!.releaseId);
          expect(champion!.endpoint).to.equal(alone ? input.champion!.target.endpoint : 'http://127.0.0.1:1/v1');
          const deployed = set.world.calls.find(({ name }) => name === 'deployRelease')!.input as DeployInput;
          expect(deployed.offline).to.deep.equal({ beside: [input.champion!.releaseId] });
        },
      }));

  for (const kind of ['fail', 'inconclusive', 'unmeasured'] as const)
    it(`rejects when the evaluation is ${kind}, touching no traffic`, () =>
      playRelease({
        script: { evaluation: () => kind },
        check: ({ result, set, input }) => {
          expect(result).to.include({ outcome: 'rejected', stage: 'evaluation' });
          expect(result.reasons).to.deep.equal([`test: ${kind} for the test`]);
          expect(set.world.plans).to.have.length(1);
          expect(set.world.served.has(input.releaseId)).to.equal(false);
          expect(set.world.names()).to.not.include('registerVersion');
        },
      }));

  for (const kind of ['fail', 'unmeasured'] as const)
    it(`rejects when a smoke test is ${kind}`, () =>
      playRelease({
        script: { smoke: () => kind },
        check: ({ result, set, input }) => {
          expect(result).to.include({ outcome: 'rejected', stage: 'smoke' });
          expect(set.world.plans).to.have.length(1);
          expect(set.world.served.has(input.releaseId)).to.equal(false);
        },
      }));

  it('rolls back when a guard trips in the canary, whatever the step is doing', () =>
    playRelease({
      script: {
        watch: () => ({
          kind: 'tripped',
          reason: 'error: e 140 >= 100',
          verdicts: [verdict('fail')],
          evidence: ref('trip'),
          rolledBackAt: '2026-01-01T00:00:00.000Z',
          revision: 3,
        }),
        step: () => ({ verdict: 'inconclusive', reason: 'waiting' }),
      },
      check: async ({ result, set, input }) => {
        expect(result).to.include({ outcome: 'rolledBack', stage: 'canary' });
        expect(result.reasons).to.deep.equal(['error: e 140 >= 100']);
        expect(await current({ set, input })).to.deep.include({ challenger: null, challengerShare: 0 });
        expect((await current({ set, input })).champion.releaseId).to.equal(input.champion!.releaseId);
        expect(set.world.served.has(input.releaseId)).to.equal(false);
        expect(set.world.aliases['champion']).to.equal('1');
      },
    }));

  it('takes a promotion back when the bake ends badly, and stays "promoted" with the time it was withdrawn', () =>
    playRelease({
      script: { bake: () => verdict('fail', 'slow: e 500 >= 350') },
      check: async ({ result, set, input }) => {
        expect(result).to.include({ outcome: 'promoted', stage: 'bake', kept: null });
        expect(result.reasons).to.deep.equal(['slow: e 500 >= 350']);
        expect(result.withdrawnAt).to.be.a('string');
        expect((await current({ set, input })).champion.releaseId).to.equal(input.champion!.releaseId);
        expect(set.world.aliases['champion']).to.equal('1');
        expect(set.world.served.has(input.releaseId)).to.equal(false);
      },
    }));

  it('starts a step again when its lease has lapsed', () => {
    let lapsed = false;
    return playRelease({
      script: {
        step: () => {
          if (lapsed) return {};
          lapsed = true;
          return { leaseLapsed: true, verdict: 'inconclusive' };
        },
      },
      check: ({ result, set }) => {
        expect(result.outcome).to.equal('promoted');
        expect(
          set.world.plans
            .filter((plan) => plan.challengerShare === 0.05)
            .map((plan) => plan.reason.includes('start 2')),
        ).to.deep.equal([false, true]);
      },
    });
  });

  it('never goes on without traffic: holds to the maximum, then asks; a refusal rolls back', () =>
    playRelease({
      script: {
        rollout: {
          approval: { automatic: true },
          canary: { steps: [{ share: '5%', maximum: '1h' }], onUnmeasured: 'ask' },
        },
        step: () => ({ verdict: 'unmeasured', reason: 'no keys' }),
        // While an activity runs no time is skipped, which leaves the update its turn.
        watch: () => new Promise((resolve) => setTimeout(() => resolve({ kind: 'slice' }), 300)),
      },
      during: async ({ input }) => {
        const handle = environment.client.workflow.getHandle(`rollout:${input.releaseId}`);
        const waiting = await waitFor(async () => {
          const progress = await handle.query(rolloutMessages.progress).catch(() => null);
          return progress?.waiting?.evidenceDigest ? progress : null;
        });
        await handle.executeUpdate(rolloutMessages.decide, {
          args: [
            {
              decision: 'reject',
              by: 'bob',
              evidenceDigest: waiting.waiting!.evidenceDigest!,
              reason: 'no users, no proof',
            },
          ],
        });
      },
      check: async ({ result, set, input }) => {
        expect(result).to.include({ outcome: 'rolledBack', stage: 'canary' });
        expect(result.reasons).to.deep.equal(['refused by bob: no users, no proof']);
        expect((await current({ set, input })).challengerShare).to.equal(0);
        expect(set.world.names().filter((name) => name === 'assessStep').length).to.be.greaterThan(3);
      },
    }));

  it('lets an approval expire into a rejection', () =>
    playRelease({
      script: { rollout: { approval: { expires: '1h' } } },
      check: ({ result, set }) => {
        expect(result).to.include({ outcome: 'rejected', stage: 'approval' });
        expect(result.reasons[0]).to.match(/^0 of 1 approvals by /);
        expect(set.world.plans).to.have.length(1);
      },
    }));

  for (const activity of ['prepareDataset', 'watchTraining', 'deployRelease', 'writePlan', 'assessStep', 'moveAliases'])
    it(`gives every user back and says why when ${activity} fails for good`, () =>
      playRelease({
        script: { fail: (name) => (name === activity ? `${activity} broke` : null) },
        check: async ({ result, set, input }) => {
          expect(result.outcome).to.equal('failed');
          // Moving the aliases is what would be undone, and it breaks again.
          const notUndone = activity === 'moveAliases' ? ['not undone: aliases: moveAliases broke'] : [];
          expect(result.reasons).to.deep.equal([`${activity} broke`, ...notUndone]);
          expect((await current({ set, input })).champion.releaseId).to.equal(input.champion!.releaseId);
          expect((await current({ set, input })).challengerShare).to.equal(0);
          expect(set.world.closed).to.have.length(1);
          expect([...set.world.jobs.values()]).to.not.include('running');
        },
      }));
});

/** Asks again until there is an answer. */
async function waitFor<T>(ask: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
