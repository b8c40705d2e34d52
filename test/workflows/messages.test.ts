import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { rolloutMessages, type Approval, type Decide } from '../../src/contracts/release.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { onStage, type StageSet } from './support/stage.js';
import { startRelease, type StartedRelease } from './support/started-release.js';
import { decideOn, refusalOf, whileReleaseWaits } from './support/waiting-release.js';

const steps = [{ share: '5%' }];

describe('decisions on a release', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(() => environment?.teardown());

  const whileItWaits = (options: Omit<Parameters<typeof whileReleaseWaits>[0], 'environment'>): Promise<void> =>
    whileReleaseWaits({ environment, ...options });

  const recorded = ({ set }: { set: StageSet }): Approval[] => set.world.closed[0]!.gathered.rolledOut!.approvals;

  const stillWaits = async ({ rollout }: StartedRelease): Promise<void> => {
    const progress = await rollout.query(rolloutMessages.progress);
    expect(progress.stage).to.equal('approval');
    expect(progress.waiting).to.not.equal(null);
  };

  it('counts no approval of other evidence, by the requester, or without a name', () =>
    whileItWaits({
      play: async (waiting) => {
        expect(await refusalOf(waiting.decide({ evidenceDigest: 'f'.repeat(64) }))).to.equal(
          `evidence digest ${'f'.repeat(64)} is not the one to decide on, ${waiting.digest}; read the report again`,
        );
        expect(await refusalOf(waiting.decide({ by: 'ann' }))).to.equal(
          `ann requested ${waiting.input.releaseId} and so can't decide on it`,
        );
        for (const by of ['Ann ', 'dora', ' DORA'])
          expect(await refusalOf(waiting.decide({ by }))).to.equal(
            `${by.trim()} requested ${waiting.input.releaseId} and so can't decide on it`,
          );
        for (const by of ['', ' ']) expect(await refusalOf(waiting.decide({ by }))).to.match(/^by: /);
        await stillWaits(waiting);
        await waiting.decide({});
        expect((await waiting.handle.result()).outcome).to.equal('promoted');
        expect(recorded(waiting).map((one) => [one.by, one.channel])).to.deep.equal([['bob', 'update']]);
      },
    }));

  it('refuses a decision before it waits for one, and after', () => {
    let release: (value: null) => void = () => undefined;
    const held = new Promise<null>((resolve) => {
      release = resolve;
    });
    return onStage({
      environment,
      script: {
        rollout: { canary: { steps } },
        fail: (activity) => (activity === 'smokeTest' ? held : null),
      },
      play: async (set) => {
        const started = await startRelease({ environment, set });
        await started.reached('smoke');
        expect(await refusalOf(decideOn(started, { evidenceDigest: set.world.evidenceDigest }))).to.equal(
          `${started.input.releaseId} waits for no decision now; its stage is smoke`,
        );
        release(null);
        await started.waiting();
        await decideOn(started, { evidenceDigest: set.world.evidenceDigest });
        await started.reached('canary');
        expect(await refusalOf(decideOn(started, { by: 'carol', evidenceDigest: set.world.evidenceDigest }))).to.match(
          /waits for no decision now; its stage is canary$/,
        );
        expect((await started.handle.result()).outcome).to.equal('promoted');
      },
    });
  });

  it('needs as many people as the spec says; nobody counts twice', () =>
    whileItWaits({
      approval: { required: 2 },
      play: async (waiting) => {
        for (const by of ['bob', 'bob', 'Bob ', ' ＢＯＢ'])
          expect(await waiting.decide({ by })).to.deep.equal({ approvals: 1, required: 2 });
        await stillWaits(waiting);
        expect(await waiting.decide({ by: 'carol' })).to.deep.equal({ approvals: 2, required: 2 });
        expect((await waiting.handle.result()).outcome).to.equal('promoted');
        expect(recorded(waiting).map((one) => one.by)).to.deep.equal(['bob', 'carol']);
      },
    }));

  it('takes one refusal over any approval, and none without a reason', () =>
    whileItWaits({
      approval: { required: 2 },
      play: async (waiting) => {
        await waiting.decide({ by: 'bob' });
        expect(await refusalOf(waiting.decide({ decision: 'reject', by: 'carol', reason: ' ' }))).to.equal(
          'reason: expected a reason for a refusal',
        );
        await stillWaits(waiting);
        await waiting.decide({ decision: 'reject', by: 'bob', reason: 'read it again' });
        const result = await waiting.handle.result();
        expect(result).to.include({ outcome: 'rejected', stage: 'approval', kept: null });
        expect(result.reasons).to.deep.equal(['refused by bob: read it again']);
        expect(waiting.set.world.plans).to.have.length(1);
        expect([...waiting.set.world.served]).to.deep.equal([waiting.input.champion!.releaseId]);
      },
    }));

  it('gives the same answer to a repeated update and counts it once', () =>
    whileItWaits({
      approval: { required: 2 },
      play: async (waiting) => {
        const args: [Decide] = [{ decision: 'approve', by: 'bob', evidenceDigest: waiting.digest, reason: '' }];
        const once = () => waiting.rollout.executeUpdate(rolloutMessages.decide, { args, updateId: 'one' });
        expect([await once(), await once()]).to.deep.equal([
          { approvals: 1, required: 2 },
          { approvals: 1, required: 2 },
        ]);
        await waiting.decide({ by: 'carol' });
        await waiting.handle.result();
        expect(recorded(waiting)).to.have.length(2);
      },
    }));

  it('does not count a bare signal where the spec asks for an identity', () =>
    whileItWaits({
      approval: { expires: '1h' },
      play: async (waiting) => {
        await waiting.rollout.signal(rolloutMessages.approvePromotion, { by: 'bob', evidenceDigest: waiting.digest });
        await stillWaits(waiting);
        const result = await waiting.handle.result();
        expect(result).to.include({ outcome: 'rejected', stage: 'approval' });
        expect(result.reasons[0]).to.match(/^0 of 1 approvals by /);
      },
    }));

  it('counts a bare signal where the spec allows it, for what it is', () =>
    whileItWaits({
      approval: { unsigned: true, expires: '1h' },
      play: async (waiting) => {
        const signals = [
          'approve',
          { by: 'ann' },
          { by: 'bob', evidenceDigest: 'f'.repeat(64) },
          { by: 'bob', evidenceDigest: waiting.digest, sure: true },
        ];
        for (const message of signals) await waiting.rollout.signal(rolloutMessages.approvePromotion, message);
        await stillWaits(waiting);
        await waiting.rollout.signal(rolloutMessages.approvePromotion, { by: 'bob' });
        expect((await waiting.handle.result()).outcome).to.equal('promoted');
        expect(recorded(waiting).map((one) => [one.by, one.channel, one.evidenceDigest])).to.deep.equal([
          ['bob', 'unsignedSignal', waiting.digest],
        ]);
      },
    }));

  it('wants a person who is known while a flag halts, whatever the spec allows', () =>
    whileItWaits({
      approval: { automatic: true, unsigned: true },
      script: { halts: ['behaviour: 40 % of 50 cases answered otherwise'] },
      play: async (waiting) => {
        const { waiting: asked } = await waiting.rollout.query(rolloutMessages.progress);
        expect(asked!.how).to.not.contain('approvePromotion');
        await waiting.rollout.signal(rolloutMessages.approvePromotion, { by: 'bob' });
        await stillWaits(waiting);
        await waiting.decide({ by: 'bob' });
        expect((await waiting.handle.result()).outcome).to.equal('promoted');
        expect(recorded(waiting).map((one) => [one.by, one.channel])).to.deep.equal([['bob', 'update']]);
        const told = waiting.set.world.calls.find((call) => call.name === 'sendNotification')!.input;
        expect((told as { body: string }).body).to.match(/^behaviour: 40 %/);
      },
    }));

  it('asks for a new decision on new evidence; the old approval is void', () => {
    const other = 's'.repeat(64);
    return whileItWaits({
      script: {
        rollout: {
          canary: { steps: [{ share: '5%', duration: 'PT0S', maximum: 'PT0S' }], onInconclusive: 'ask' },
        },
        step: () => ({ verdict: 'inconclusive', reason: 'too few keys' }),
      },
      play: async (waiting) => {
        await waiting.decide({ by: 'bob' });
        await waiting.reached('canary');
        const asked = await waiting.waiting();
        expect(asked.waiting!.evidenceDigest).to.equal(other);
        expect(await refusalOf(waiting.decide({ by: 'carol' }))).to.match(/is not the one to decide on/);
        expect(await waiting.decide({ by: 'carol', evidenceDigest: other })).to.deep.equal({
          approvals: 1,
          required: 1,
        });
        expect((await waiting.handle.result()).outcome).to.equal('promoted');
      },
    });
  });
});
