import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { rolloutMessages, type ReleaseResult } from '../../src/contracts/release.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { onStage, type StageSet } from './support/stage.js';
import { startRelease, type StartedRelease } from './support/started-release.js';
import { verdict, type Script } from './support/world.js';

describe('load test in a rollout', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(() => environment?.teardown());

  const play = ({
    script = {},
    rollout = {},
    during,
    check,
  }: {
    script?: Script;
    rollout?: Record<string, unknown>;
    during?: (started: StartedRelease) => Promise<void>;
    check: (played: { result: ReleaseResult; set: StageSet }) => void;
  }): Promise<void> =>
    onStage({
      environment,
      script: {
        rollout: {
          approval: { automatic: true },
          canary: { steps: [{ share: '5%' }] },
          load: { expectedPeak: '20/s', duration: '2m', firstTokenP95: '200ms' },
          ...rollout,
        },
        ...script,
      },
      play: async (set) => {
        const started = await startRelease({ environment, set });
        await during?.(started);
        check({ result: await started.handle.result(), set });
      },
    });

  it('asks 1.5 times the expected peak by the limits of the spec, before any user is touched', () =>
    play({
      rollout: { shadow: {} },
      check: ({ result, set }) => {
        expect(result.outcome).to.equal('promoted');
        const names = set.world.names();
        const { input } = set.world.calls.find(({ name }) => name === 'runLoadTest')!;
        expect(input).to.deep.include({
          perSecond: 30,
          milliseconds: 120_000,
          minimumSuccess: 0.99,
          latencyP95Milliseconds: 450,
          firstTokenP95Milliseconds: 200,
          evidenceDigest: set.world.evidenceDigest,
        });
        expect(names.indexOf('runLoadTest')).to.be.greaterThan(names.indexOf('smokeTest'));
        expect(names.indexOf('runLoadTest')).to.be.lessThan(names.indexOf('watchShadow'));
        const shadow = set.world.calls.find(({ name }) => name === 'watchShadow')!.input as { evidenceDigest: string };
        expect(shadow.evidenceDigest).to.equal('l'.repeat(64));
      },
    }));

  it('rejects what is too slow, with nobody on it', () =>
    play({
      script: { load: () => ({ verdict: 'fail', reason: 'p95 512 ms > 450 ms', verdicts: [verdict('fail')] }) },
      check: ({ result, set }) => {
        expect(result).to.include({ outcome: 'rejected', stage: 'load' });
        expect(result.reasons).to.deep.equal(['p95 512 ms > 450 ms']);
        expect(set.world.plans).to.have.length(1);
      },
    }));

  it('asks people when the generator was too slow to say; a refusal rejects', () =>
    play({
      script: { load: () => ({ verdict: 'unmeasured', reason: 'the generator is too slow' }) },
      during: async (started) => {
        const { waiting } = await started.waiting();
        expect(waiting!.for).to.match(/^a decision after the load test: the generator is too slow/);
        await started.rollout.executeUpdate(rolloutMessages.decide, {
          args: [{ decision: 'reject', by: 'bob', evidenceDigest: waiting!.evidenceDigest!, reason: 'once more' }],
        });
      },
      check: ({ result }) => {
        expect(result).to.include({ outcome: 'rejected', stage: 'load' });
        expect(result.reasons).to.deep.equal(['refused by bob: once more']);
      },
    }));
});
