import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { rolloutMessages, type Approval } from '../../src/contracts/release.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { waitFor } from './support/started-release.js';
import { refusalOf, whileReleaseWaits, type WaitingRelease } from './support/waiting-release.js';

describe('approver tokens and reminders in a rollout', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(() => environment?.teardown());

  const whileItWaits = (options: Omit<Parameters<typeof whileReleaseWaits>[0], 'environment'>): Promise<void> =>
    whileReleaseWaits({ environment, ...options });
  const recorded = ({ set }: WaitingRelease): Approval[] => set.world.closed[0]!.gathered.rolledOut!.approvals;
  const verified = ({ set }: WaitingRelease): number =>
    set.world.names().filter((name) => name === 'verifyApprover').length;

  it('counts a bare signal that carries a good token, and none with a bad one', () =>
    whileItWaits({
      play: async (waiting) => {
        const { rollout, digest } = waiting;
        await rollout.signal(rolloutMessages.approvePromotion, { by: 'bob', token: 'forged' });
        await rollout.signal(rolloutMessages.approvePromotion, { by: 'ann', token: 'good' });
        await waitFor(async () => (verified(waiting) === 1 ? true : null));
        expect((await rollout.query(rolloutMessages.progress)).stage).to.equal('approval');
        await rollout.signal(rolloutMessages.approvePromotion, { by: 'bob', token: 'good' });
        expect((await waiting.handle.result()).outcome).to.equal('promoted');
        expect(
          recorded(waiting).map(({ by, channel, roles, evidenceDigest }) => [by, channel, roles, evidenceDigest]),
        ).to.deep.equal([['bob', 'signedSignal', ['approver'], digest]]);
        const asked = waiting.set.world.calls.find(({ name }) => name === 'verifyApprover')!.input;
        expect(asked).to.deep.equal({
          ...{ token: 'forged', by: 'bob' },
          answer: { releaseId: waiting.input.releaseId, decision: 'approve', evidenceDigest: digest },
        });
      },
    }));

  it('wants a token of one of the roles where the spec says so', () =>
    whileItWaits({
      approval: { signed: true, unsigned: true },
      play: async (waiting) => {
        expect(await refusalOf(waiting.decide({}))).to.match(/^approval.signed asks for an approver token/);
        expect(await refusalOf(waiting.decide({ token: 'bad' }))).to.equal('bad proves nobody');
        await waiting.rollout.signal(rolloutMessages.approvePromotion, { by: 'bob' });
        expect(await waiting.decide({ token: 'good' })).to.deep.equal({ approvals: 1, required: 1 });
        expect((await waiting.handle.result()).outcome).to.equal('promoted');
        expect(recorded(waiting).map((one) => one.channel)).to.deep.equal(['signedUpdate']);
      },
    }));

  it('refuses a token of another role', () =>
    whileItWaits({
      approval: { roles: ['owner', 'lead'] },
      play: async (waiting) => {
        expect(await refusalOf(waiting.decide({ token: 'good' }))).to.equal(
          'bob is approver; approval.roles asks for owner or lead',
        );
        await waiting.decide({ decision: 'reject', reason: 'enough' });
        expect((await waiting.handle.result()).reasons).to.deep.equal(['refused by bob: enough']);
      },
    }));

  it('does not count a token that was checked until after the question was answered', () => {
    let verify: (value: null) => void = () => undefined;
    const held = new Promise<null>((resolve) => {
      verify = resolve;
    });
    return whileItWaits({
      script: {
        rollout: { approval: { required: 1 }, canary: { steps: [{ share: '5%' }] } },
        fail: (name) => (name === 'verifyApprover' ? held : null),
      },
      play: async (waiting) => {
        const late = refusalOf(waiting.decide({ by: 'carol', token: 'good' }));
        await waitFor(async () => (verified(waiting) === 1 ? true : null));
        await waiting.decide({ decision: 'reject', reason: 'no' });
        verify(null);
        expect(await late).to.match(/waits for no decision now/);
        expect((await waiting.handle.result()).outcome).to.equal('rejected');
        expect(recorded(waiting).map((one) => one.by)).to.deep.equal(['bob']);
      },
    });
  });

  it('reminds people of a question every day until it expires', () =>
    whileItWaits({
      play: async (waiting) => {
        const result = await waiting.handle.result();
        expect(result).to.include({ outcome: 'rejected', stage: 'approval' });
        const told = waiting.set.world.calls
          .filter(({ name }) => name === 'sendNotification')
          .map(({ input }) => input as { key: string; title: string; body: string });
        const reminders = told.filter(({ key }) => key.includes('/reminder-'));
        expect(reminders.map(({ key }) => key.split('-').at(-1))).to.deep.equal(['1', '2']);
        expect(reminders[0]!.title).to.match(/still waits for approval of the promotion$/);
        expect(reminders[0]!.body).to.match(/^0 of 1 approvals; it expires at /);
      },
    }));
});
