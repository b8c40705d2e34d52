import type { LostRelease, LostReleaseInput } from '../contracts/lost-release.js';
import { workflowIds } from '../contracts/names.js';
import type { KeptRelease } from '../domain/release/lifecycle-state.js';
import { totalCostUsd, type ReleaseRecord } from '../domain/release/release-record.js';
import type { TrafficPlan } from '../domain/rollout/traffic-plan.js';
import { systemTiming, type Timing } from './judging/pacer.js';
import { adapterOfLost, gatherLost } from './lost-gathered.js';
import { PortError, type Ports, type WorkflowOutcomes } from './ports.js';
import { readRecord } from './read-record.js';
import { createRecordPublisher } from './record-publishing.js';
import { createRecordingActivities } from './recording.js';
import { loadSpecification } from './specifications.js';

/** A cancelled rollout gives everything back within seconds, unless something outside is away. */
const defaultRolloutMilliseconds = 20_000;
/** An attempt to write a plan has this long; one that has begun is not stopped with its rollout. */
const planLandsMilliseconds = 10_000;

type RolloutEnd = Awaited<ReturnType<WorkflowOutcomes['awaitOutcome']>>['kind'];

const keepsServing = (releaseId: string): string => `${releaseId} keeps serving: there is no other champion`;

/** What the record of a promoted release says of how it serves. */
const servesAs = ({
  kept: { version, target, adapter },
  record,
  runId,
}: {
  kept: KeptRelease;
  record: ReleaseRecord;
  runId: string;
}): Pick<ReleaseRecord, 'outcome' | 'withdrawnAt' | 'adapter' | 'serving' | 'tracking'> => ({
  ...{ outcome: 'promoted', withdrawnAt: null, adapter: record.adapter ?? adapter },
  serving: record.serving ?? {
    ...{ endpoint: target.endpoint, liveEndpoint: target.endpoint, adapter: target.adapter, settings: {} },
  },
  tracking: { runId, modelVersion: record.tracking?.modelVersion ?? version },
});

/** What a release leaves behind whose workflow can't clean up any more. Every step does nothing where it was done. */
export function createLostReleaseActivities(
  ports: Omit<Parameters<typeof createRecordingActivities>[0], 'codeCommit'> &
    Pick<Ports, 'trainer' | 'serving' | 'router' | 'outcomes'> & {
      codeCommit: string | null;
      rolloutMilliseconds?: number;
      timing?: Timing;
    },
) {
  const { store, registry, audit, trainer, serving, router, outcomes } = ports;
  const { rolloutMilliseconds = defaultRolloutMilliseconds, timing = systemTiming } = ports;
  const recording = createRecordingActivities(ports);
  const publishRecord = createRecordPublisher(ports);

  /**
   * Temporal has asked the rollout to end; what it does meanwhile must not come after what is done here.
   * @returns how it ended
   */
  async function untilRolloutEnded(releaseId: string): Promise<RolloutEnd> {
    const signal = AbortSignal.timeout(rolloutMilliseconds);
    const workflowId = workflowIds.rollout(releaseId);
    try {
      return (await outcomes.awaitOutcome({ workflowId, signal })).kind;
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new PortError('Unavailable', `${workflowId} has not ended within ${rolloutMilliseconds / 1000} s`);
    }
  }

  /** The plan that names the release where there is no other champion to go back to; null otherwise. */
  async function solePlan({
    lost: { input },
    rollout,
  }: {
    lost: LostReleaseInput;
    rollout: RolloutEnd;
  }): Promise<TrafficPlan | null> {
    const { model, releaseId, champion } = input;
    if (champion) return null;
    const named = async (): Promise<TrafficPlan | null> => {
      const plan = await router.read({ model });
      return plan?.champion.releaseId === releaseId ? plan : null;
    };
    const plan = await named();
    if (plan || rollout === 'notFound' || rollout === 'completed') return plan;
    // A first plan is fenced out by nothing: there is none before it.
    await timing.sleep(planLandsMilliseconds);
    return await named();
  }

  /** The release as it serves users whom nobody else could serve. */
  async function sole({ lost: { input }, plan }: { lost: LostReleaseInput; plan: TrafficPlan }): Promise<KeptRelease> {
    const { model, releaseId, specification } = input;
    const { version } = await registry.ensureVersion({
      ...{ model, releaseId, tags: {} },
      runId: (await registry.ensureRun({ model, releaseId, tags: {} })).runId,
    });
    const adapter = await adapterOfLost({ store, input });
    const { spec } = await loadSpecification({ store, ref: specification });
    return {
      ...{ releaseId, version, target: plan.champion, base: spec.base.id, specification },
      ...{ adapter, promotedAt: plan.at },
    };
  }

  /** A first champion that never came to serve would be named by the aliases for ever. */
  async function takeAliasesOff({ input: { model, releaseId }, workflowId, reason }: LostReleaseInput): Promise<void> {
    const aliases = ['champion', 'challenger'];
    const targets = await Promise.all(aliases.map((alias) => registry.aliasTarget({ model, alias })));
    const stale = aliases.filter((_, index) => targets[index]?.releaseId === releaseId);
    for (const alias of stale) await registry.removeAlias({ model, alias });
    await audit.append({
      model,
      entry: {
        ...{ key: `aliases/${releaseId}/lost`, kind: 'promotion', actor: workflowId, releaseId, reason },
        ...{ evidenceDigest: null, details: { champion: null, challenger: null } },
      },
    });
  }

  /**
   * A record that was written before stays, but says whether the release serves now. Whoever wrote it may have been lost
   * right afterwards, an earlier attempt of this included, so that what follows from a record is made up for.
   */
  async function amend({
    lost,
    record,
    kept,
  }: {
    lost: LostReleaseInput;
    record: ReleaseRecord;
    kept: KeptRelease | null;
  }): Promise<ReleaseRecord> {
    const { reason, endedAt, workflowId } = lost;
    const { model, releaseId } = lost.input;
    const stood = record.outcome === 'promoted' && record.withdrawnAt === null;
    const reasons = [...new Set([...record.reasons, reason, ...(kept && !stood ? [keepsServing(releaseId)] : [])])];
    const runId = record.tracking?.runId ?? (await registry.ensureRun({ model, releaseId, tags: {} })).runId;
    const amended: ReleaseRecord = kept
      ? { ...record, reasons, ...servesAs({ kept, record, runId }) }
      : { ...record, reasons, withdrawnAt: stood ? endedAt : record.withdrawnAt };
    const { ref } = await publishRecord({ record: amended, runId, amends: true });
    await audit.append({
      model,
      entry: {
        ...{ key: `lost/${releaseId}`, kind: 'decision', actor: workflowId, releaseId, reason },
        evidenceDigest: record.evidenceDigest,
        details: { outcome: amended.outcome, withdrawnAt: amended.withdrawnAt, record: ref.sha256 },
      },
    });
    return amended;
  }

  /** The record of a release that has written none. */
  async function write({ lost, kept }: { lost: LostReleaseInput; kept: KeptRelease | null }): Promise<void> {
    const { input, reason, startedAt, endedAt } = lost;
    const { model, releaseId } = input;
    const { runId } = await registry.ensureRun({ model, releaseId, tags: {} });
    const reasons = kept ? [reason, keepsServing(releaseId)] : [reason];
    const { gathered, indexVersion } = await gatherLost({ store, registry, input });
    await recording.closeRelease({
      input: indexVersion === null ? input : { ...input, indexVersion },
      ...{ runId, outcome: kept ? 'promoted' : 'failed', stage: 'ended', reasons },
      ...{ withdrawnAt: null, startedAt, endedAt },
      gathered: { ...gathered, target: kept?.target ?? null },
      timeline: [
        { at: startedAt, event: 'started', stage: 'opening' },
        { at: endedAt, event: reason, stage: null },
      ],
    });
  }

  return {
    /**
     * Stops the training job, ends the serving and writes the record of a release that was lost. Its traffic must have
     * been given back before, since nobody is asked whether the release still serves.
     */
    async endLostRelease(lost: LostReleaseInput): Promise<LostRelease> {
      const { input, reason } = lost;
      const { model, releaseId } = input;
      await trainer.stop({ jobName: `train-${releaseId}` });
      const rollout = await untilRolloutEnded(releaseId);
      const plan = await solePlan({ lost, rollout });
      const kept = plan && (await sole({ lost, plan }));
      if (!kept) await serving.retire({ model, releaseId });
      if (!kept && !input.champion && rollout !== 'notFound') await takeAliasesOff(lost);
      const before = await readRecord({ store, releaseId });
      if (!before) await write({ lost, kept });
      const written = before ?? (await readRecord({ store, releaseId }))!;
      // An attempt of the release itself may have landed just before.
      const isOwn = !before && written.reasons.includes(reason);
      const record = isOwn ? written : await amend({ lost, record: written, kept });
      const { outcome, stage, reasons, withdrawnAt } = record;
      return { outcome, stage, reasons, withdrawnAt, costUsd: totalCostUsd(record), kept };
    },
  };
}
