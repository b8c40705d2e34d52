import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { rolloutMessages, type ReleaseResult } from '../../src/contracts/release.js';
import type { WatchShadowInput, WatchShadowResult } from '../../src/contracts/shadow.js';
import type { VerdictKind } from '../../src/domain/release/verdict.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { onStage, type StageSet } from './support/stage.js';
import { startRelease, type StartedRelease } from './support/started-release.js';
import { ref, verdict, type Script } from './support/world.js';

const digest = 'd'.repeat(64);
const decided = (kind: VerdictKind, reason = `${kind} in the shadow`): WatchShadowResult => ({
  kind: 'decided',
  verdict: kind,
  reason,
  verdicts: [{ ...verdict(kind, reason), gate: 'shadow: pairs' }],
  evidence: ref('shadow.json'),
  evidenceDigest: digest,
  costUsd: 0.5,
});

describe('shadow workflow', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(() => environment?.teardown());

  const playShadow = ({
    shadow = {},
    script = {},
    first = false,
    during,
    check,
  }: {
    shadow?: Record<string, unknown>;
    script?: Script;
    first?: boolean;
    during?: (started: StartedRelease) => Promise<void>;
    check: (played: { result: ReleaseResult; set: StageSet; started: StartedRelease }) => Promise<void> | void;
  }): Promise<void> =>
    onStage({
      environment,
      script: {
        rollout: { approval: { automatic: true }, canary: { steps: [{ share: '5%' }] }, shadow },
        ...script,
      },
      play: async (set) => {
        const started = await startRelease({ environment, set, first });
        // Time is skipped only while somebody waits for a result.
        await during?.(started);
        await check({ result: await started.handle.result(), set, started });
      },
    });

  const plansOf = ({ set }: { set: StageSet }) =>
    set.world.plans.map((plan) => [plan.challenger?.releaseId ?? null, plan.mirrorShare, plan.challengerShare]);
  const watched = ({ set }: { set: StageSet }) =>
    set.world.calls.filter((call) => call.name === 'watchShadow').map((call) => call.input as WatchShadowInput);

  it('mirrors as the spec says, ends the mirror, and the approval signs its evidence too', () =>
    playShadow({
      shadow: { sample: '40%' },
      check: ({ result, set, started }) => {
        const { releaseId } = started.input;
        expect(result).to.include({ outcome: 'promoted', costUsd: 2.5 });
        expect(plansOf({ set }).slice(0, 4)).to.deep.equal([
          [null, 0, 0],
          [releaseId, 0.4, 0],
          [null, 0, 0],
          [releaseId, 0, 0.05],
        ]);
        expect(set.world.plans[1]!.lease).to.not.equal(null);
        expect(set.world.plans[2]!.lease).to.equal(null);
        expect(watched({ set })[0]).to.deep.include({
          revision: set.world.plans[1]!.revision,
          specification: started.input.specification,
          evidenceDigest: set.world.evidenceDigest,
          leaseMilliseconds: 600_000,
        });
        const { rolledOut } = set.world.closed[0]!.gathered;
        expect(rolledOut!.approvals.map((one) => one.evidenceDigest)).to.deep.equal([digest]);
        expect(rolledOut!.verdicts.map((one) => one.gate)).to.include('test');
        expect(rolledOut!.timeline.map((one) => one.stage)).to.include('shadow');
        expect(rolledOut!.costUsd).to.deep.equal({ shadow: 0.5 });
      },
    }));

  it('rejects at a loss and leaves every user with the champion', () =>
    playShadow({
      script: { shadow: () => decided('fail', 'shown to be under 0.45') },
      check: async ({ result, set, started }) => {
        expect(result).to.include({ outcome: 'rejected', stage: 'shadow' });
        expect(result.reasons).to.deep.equal(['shown to be under 0.45']);
        expect(await started.plan()).to.deep.include({ challenger: null, mirrorShare: 0, lease: null });
        expect((await started.plan()).champion.releaseId).to.equal(started.input.champion!.releaseId);
        expect(set.world.names()).to.not.include('assessStep');
        expect(set.world.served.has(started.input.releaseId)).to.equal(false);
      },
    }));

  it('watches a day in slices of two hours, with few events', () => {
    let slices = 0;
    return playShadow({
      script: { shadow: () => ((slices += 1) <= 11 ? { kind: 'slice', verdicts: [] } : decided('pass')) },
      check: async ({ result, set, started }) => {
        expect(result.outcome).to.equal('promoted');
        const inputs = watched({ set });
        expect(inputs).to.have.length(12);
        for (const { sliceMilliseconds } of inputs) expect(sliceMilliseconds).to.be.within(7_100_000, 7_200_000);
        const handle = environment.client.workflow.getHandle(`shadow:${started.input.releaseId}`);
        expect((await handle.fetchHistory()).events!.length).to.be.at.most(200);
      },
    });
  });

  it('starts again when its lease has lapsed', () => {
    const revisions: number[] = [];
    return playShadow({
      script: { shadow: (revision) => (revisions.push(revision) === 1 ? { kind: 'lapsed' } : decided('pass')) },
      check: ({ result, set }) => {
        expect(result.outcome).to.equal('promoted');
        expect(new Set(revisions).size).to.equal(2);
        expect(
          set.world.plans.filter((plan) => plan.mirrorShare > 0).map((plan) => /start 2/.test(plan.reason)),
        ).to.deep.equal([false, true]);
      },
    });
  });

  for (const [kind, policy] of [
    ['inconclusive', { onInconclusive: 'reject' }],
    ['unmeasured', { onUnmeasured: 'reject' }],
  ] as const)
    it(`rejects when it stays ${kind} and the spec says so`, () =>
      playShadow({
        shadow: policy,
        script: { shadow: () => decided(kind) },
        check: ({ result }) => {
          expect(result).to.include({ outcome: 'rejected', stage: 'shadow' });
          expect(result.reasons).to.deep.equal([`${kind} in the shadow`]);
        },
      }));

  it('holds without traffic, tells people once, and goes on when there is some', () => {
    let looks = 0;
    return playShadow({
      script: { shadow: () => decided((looks += 1) < 4 ? 'unmeasured' : 'pass') },
      check: ({ result, set }) => {
        expect(result.outcome).to.equal('promoted');
        expect(looks).to.equal(4);
        const told = set.world.calls.filter((call) => call.name === 'sendNotification').map((call) => call.input);
        expect(told.filter((one) => (one as { key: string }).key.endsWith('/held-shadow'))).to.have.length(1);
        expect(set.world.plans.filter((plan) => plan.mirrorShare > 0)).to.have.length(1);
      },
    });
  });

  for (const decision of ['approve', 'reject'] as const)
    it(`asks people when nothing was shown; they ${decision}`, () =>
      playShadow({
        script: {
          shadow: () => decided('inconclusive', 'too few pairs'),
          rollout: { approval: { expires: '1h' }, canary: { steps: [{ share: '5%' }] }, shadow: {} },
        },
        during: async (started) => {
          const asked = await started.waiting();
          expect(asked.waiting!.for).to.match(/^a decision after the shadow: too few pairs/);
          const args = [{ decision, by: 'bob', evidenceDigest: digest, reason: 'read it' }] as const;
          await started.rollout.executeUpdate(rolloutMessages.decide, { args: [...args] });
        },
        check: ({ result, set }) => {
          const said = decision === 'approve' ? /^0 of 1 approvals by / : /^refused by bob: read it/;
          expect(result.outcome).to.equal('rejected');
          // Going on after the shadow is no approval of the promotion, although the evidence is the same.
          expect(result.stage).to.equal(decision === 'approve' ? 'approval' : 'shadow');
          expect(result.reasons[0]).to.match(said);
          expect(set.world.plans.every((plan) => plan.challengerShare === 0)).to.equal(true);
        },
      }));

  it('ends with the plan that a rollback took away', () =>
    playShadow({
      script: { shadow: () => ({ kind: 'moved', reason: 'plan revision 3 belongs to model:m epoch 6' }) },
      check: ({ result }) => {
        expect(result).to.include({ outcome: 'rejected', stage: 'shadow' });
        expect(result.reasons[0]).to.contain('belongs to model:m epoch 6');
      },
    }));

  it('ends the mirror when the release is cancelled, or its watcher fails for good', () =>
    playShadow({
      script: { fail: (name) => (name === 'watchShadow' ? 'the store is gone' : null) },
      check: async ({ result, started }) => {
        expect(result).to.include({ outcome: 'failed', stage: 'shadow' });
        expect(await started.plan()).to.deep.include({ challenger: null, mirrorShare: 0, lease: null });
      },
    }));

  it('promotes in one step what changed only how it is served, once its shadow has passed', () =>
    onStage({
      environment,
      // 24 hours would end in the same moment as the watcher's twelfth slice of two: with an activity under way besides,
      // the time-skipping server now and then loses the workflow task for good.
      script: { rollout: { approval: { automatic: true }, shadow: {}, bake: { duration: '25h' } } },
      play: async (set) => {
        const { handle, plan, input } = await startRelease({ environment, set, kind: 'serving' });
        expect((await handle.result()).outcome).to.equal('promoted');
        const shares = set.world.plans.map(({ mirrorShare, challengerShare, holdback }) => [
          mirrorShare,
          challengerShare,
          holdback,
        ]);
        expect(shares).to.deep.equal([
          [0, 0, 0],
          [1, 0, 0],
          [0, 0, 0],
          [0, 1, 0.05],
          [0, 0, 0],
        ]);
        expect(set.world.plans[3]!.lease).to.not.equal(null);
        expect(set.world.names()).to.include.members(['watchGuards', 'assessBake']).and.not.include('assessStep');
        expect((await plan()).champion.releaseId).to.equal(input.releaseId);
      },
    }));

  it('has nothing to mirror for a first champion, and says so', () =>
    playShadow({
      first: true,
      check: ({ result, set }) => {
        expect(result.outcome).to.equal('promoted');
        expect(set.world.names()).to.not.include('watchShadow');
        const events = set.world.closed[0]!.gathered.rolledOut!.timeline.map((one) => one.event);
        expect(events).to.include('no shadow: a first champion has no live traffic to rehearse on');
      },
    }));
});
