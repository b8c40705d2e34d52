import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import type { AuditEntry } from '../../src/activities/ports.js';
import { createRegistryActivities } from '../../src/activities/registry.js';
import { localEnvironment, timeSkippingEnvironment } from '../support/temporal.js';
import { onStage, type StageSet } from './support/stage.js';
import { startRelease, type StartedRelease } from './support/started-release.js';
import { decideOn } from './support/waiting-release.js';
import type { Script } from './support/world.js';

describe('the audit log of a release', function () {
  this.timeout(120_000);

  interface Played {
    set: StageSet;
    started: StartedRelease;
    /** Of plans and answers, and of moves of aliases. */
    logged: AuditEntry[];
  }

  /** `open` is the time-skipping server as a rule; it loses a workflow task that cancels an activity which just ends. */
  async function play({
    script,
    during,
    check,
    open = timeSkippingEnvironment,
  }: {
    script: Script;
    open?: () => Promise<TestWorkflowEnvironment>;
    during: (started: StartedRelease) => Promise<void>;
    check: (played: Played) => void;
  }): Promise<void> {
    const moves: AuditEntry[] = [];
    const registry = { setAlias: async () => undefined, removeAlias: async () => undefined } as never;
    const audit = {
      append: async ({ entry }: { entry: AuditEntry }) => {
        if (!moves.some(({ key }) => key === entry.key)) moves.push(entry);
        return { sequence: moves.length, entry };
      },
    };
    const { moveAliases } = createRegistryActivities({ store: null as never, registry, audit, judge: null });
    const environment = await open();
    try {
      await onStage({
        environment,
        script,
        activities: { moveAliases },
        play: async (set) => {
          const started = await startRelease({ environment, set });
          await during(started);
          await started.handle.result();
          check({ set, started, logged: [...set.world.audited, ...moves] });
        },
      });
    } finally {
      await environment.teardown();
    }
  }

  const ofKind = (logged: readonly AuditEntry[], ...kinds: AuditEntry['kind'][]): AuditEntry[] =>
    logged.filter(({ kind }) => kinds.includes(kind));

  const owner = ({ input }: StartedRelease): string => `release:${input.releaseId}#${input.epoch}`;

  const approveAs = async (started: StartedRelease, by: string): Promise<void> => {
    const { evidenceDigest } = (await started.waiting()).waiting!;
    await decideOn(started, { by, evidenceDigest: evidenceDigest!, reason: `read by ${by}` });
  };

  it('has one entry for each answer, each plan and each move of the aliases of one that is promoted', () =>
    play({
      script: {
        rollout: {
          approval: { required: 2 },
          canary: { steps: [{ share: '5%' }, { share: '25%' }] },
        },
      },
      during: async (started) => {
        await approveAs(started, 'bo');
        await approveAs(started, 'cy');
      },
      check: ({ set, started, logged }) => {
        const { releaseId } = started.input;
        const answers = ofKind(logged, 'approval');
        expect(answers.map(({ actor, evidenceDigest, reason }) => [actor, evidenceDigest, reason])).to.deep.equal([
          ['bo', set.world.evidenceDigest, 'approve: read by bo'],
          ['cy', set.world.evidenceDigest, 'approve: read by cy'],
        ]);
        // The first is the plan from before, which nobody had noted.
        const written = set.world.plans.map(({ revision, reason }) => [revision, reason]);
        const plans = ofKind(logged, 'plan', 'rollback');
        expect(written).to.have.length(5);
        expect(plans.map(({ details, reason }) => [details['revision'], reason])).to.deep.equal(written);
        const [first, ...own] = plans;
        expect(first).to.include({ evidenceDigest: null });
        for (const entry of own)
          expect(entry).to.deep.include({ releaseId, evidenceDigest: set.world.evidenceDigest, actor: owner(started) });
        const promotions = ofKind(logged, 'promotion');
        expect(promotions.map(({ key }) => key)).to.deep.equal([`aliases/${releaseId}/promoted`]);
        expect(promotions[0]).to.deep.include({
          ...{ releaseId, evidenceDigest: set.world.evidenceDigest, actor: owner(started) },
        });
        expect(new Set(logged.map(({ key }) => key)).size).to.equal(logged.length);
        for (const { actor, reason } of logged) expect(actor !== '' && reason !== '').to.equal(true);
      },
    }));

  it('names who approved before users were touched, and a rollback as one', () =>
    play({
      open: localEnvironment,
      script: { rollout: { canary: { steps: [{ share: '5%', duration: 'PT30M' }] } } },
      during: async (started) => {
        await approveAs(started, 'bo');
        await started.reached('canary');
        await started.rollout.signal('abort', { by: 'dee', reason: 'complaints' });
      },
      check: ({ set, started, logged }) => {
        const kinds = logged.filter(({ kind }) => kind !== 'promotion').map(({ kind }) => kind);
        expect(kinds[0]).to.equal('approval');
        expect(kinds.at(-1)).to.equal('rollback');
        const [back] = ofKind(logged, 'rollback');
        expect(back!.details).to.include({ challengerShare: 0, champion: started.input.champion!.releaseId });
        expect(set.world.plans.at(-1)!.revision).to.equal(back!.details['revision']);
        const { releaseId } = started.input;
        const who = { actor: 'dee', releaseId, evidenceDigest: set.world.evidenceDigest };
        expect(back).to.deep.include(who);
        expect(back!.reason).to.equal(`${releaseId} ended in canary: stopped by dee: complaints`);
        const moved = ofKind(logged, 'promotion').at(-1)!;
        expect(moved).to.deep.include(who);
        expect(moved.reason).to.contain('complaints');
      },
    }));

  it('keeps a refusal with its reason', () =>
    play({
      script: {},
      during: async (started) => {
        const { evidenceDigest } = (await started.waiting()).waiting!;
        const refusal = { decision: 'reject' as const, by: 'bo', reason: 'reads badly' };
        await decideOn(started, { ...refusal, evidenceDigest: evidenceDigest! });
      },
      check: ({ logged }) => {
        expect(logged.map(({ kind, actor, reason }) => [kind, actor, reason])).to.deep.equal([
          ['approval', 'bo', 'reject: reads badly'],
        ]);
      },
    }));
});
