import type { LostRelease, LostReleaseInput } from '../contracts/lost-release.js';
import { workflowIds } from '../contracts/names.js';
import { storeKeys } from '../contracts/store-keys.js';
import type { KeptRelease } from '../domain/release/lifecycle-state.js';
import { totalCostUsd, type ReleaseRecord } from '../domain/release/release-record.js';
import { PortError, type Ports } from './ports.js';
import { readRecord } from './read-record.js';
import { createRecordPublisher } from './record-publishing.js';
import { createRecordingActivities } from './recording.js';
import { loadSpecification } from './specifications.js';

/** A cancelled rollout gives everything back within seconds, unless something outside is away. */
const defaultRolloutMilliseconds = 20_000;

/** What a release leaves behind whose workflow can't clean up any more. Every step does nothing where it was done. */
export function createLostReleaseActivities(
  ports: Omit<Parameters<typeof createRecordingActivities>[0], 'codeCommit'> &
    Pick<Ports, 'trainer' | 'serving' | 'router' | 'outcomes'> & {
      codeCommit: string | null;
      rolloutMilliseconds?: number;
    },
) {
  const { store, registry, audit, trainer, serving, router, outcomes } = ports;
  const { rolloutMilliseconds = defaultRolloutMilliseconds } = ports;
  const recording = createRecordingActivities(ports);
  const publishRecord = createRecordPublisher(ports);

  /** Temporal has asked the rollout to end; what it does meanwhile must not come after what is done here. */
  async function untilRolloutEnded(releaseId: string): Promise<void> {
    const signal = AbortSignal.timeout(rolloutMilliseconds);
    const workflowId = workflowIds.rollout(releaseId);
    try {
      await outcomes.awaitOutcome({ workflowId, signal });
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new PortError('Unavailable', `${workflowId} has not ended within ${rolloutMilliseconds / 1000} s`);
    }
  }

  /** The release as it serves, where the plan has no other champion to go back to; null otherwise. */
  async function sole({ input }: LostReleaseInput): Promise<KeptRelease | null> {
    const { model, releaseId, specification } = input;
    const plan = await router.read({ model });
    if (plan?.champion.releaseId !== releaseId || input.champion) return null;
    const { version } = await registry.ensureVersion({
      ...{ model, releaseId, tags: {} },
      runId: (await registry.ensureRun({ model, releaseId, tags: {} })).runId,
    });
    const adapter = await store.get({ key: storeKeys.release({ releaseId, file: 'adapter/adapter-files.json' }) });
    const { spec } = await loadSpecification({ store, ref: specification });
    return {
      ...{ releaseId, version, target: plan.champion, base: spec.base.id, specification },
      ...{ adapter: adapter?.ref ?? null, promotedAt: plan.at },
    };
  }

  /**
   * A record that was written before stays, but says that the release does not serve any more. Whoever wrote it may have
   * been lost right afterwards, an earlier attempt of this included, so that what follows from a record is made up for.
   */
  async function amend({ lost, record }: { lost: LostReleaseInput; record: ReleaseRecord }): Promise<ReleaseRecord> {
    const { reason, endedAt, workflowId } = lost;
    const { model, releaseId } = lost.input;
    const stood = record.outcome === 'promoted' && record.withdrawnAt === null;
    const reasons = record.reasons.includes(reason) ? record.reasons : [...record.reasons, reason];
    const amended = { ...record, reasons, withdrawnAt: stood ? endedAt : record.withdrawnAt };
    const runId = record.tracking?.runId ?? (await registry.ensureRun({ model, releaseId, tags: {} })).runId;
    const ref = await publishRecord({ record: amended, runId });
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

  return {
    /**
     * Stops the training job, ends the serving and writes the record of a release that was lost. Its traffic must have
     * been given back before, since nobody is asked whether the release still serves.
     */
    async endLostRelease(lost: LostReleaseInput): Promise<LostRelease> {
      const { input, reason, startedAt, endedAt } = lost;
      const { model, releaseId } = input;
      await trainer.stop({ jobName: `train-${releaseId}` });
      await untilRolloutEnded(releaseId);
      const kept = await sole(lost);
      if (!kept) await serving.retire({ model, releaseId });
      const written = await readRecord({ store, releaseId });
      if (written) {
        const record = kept ? written : await amend({ lost, record: written });
        const { outcome, stage, reasons, withdrawnAt } = record;
        return { outcome, stage, reasons, withdrawnAt, costUsd: totalCostUsd(record), kept };
      }
      const { runId } = await registry.ensureRun({ model, releaseId, tags: {} });
      const outcome = kept ? ('promoted' as const) : ('failed' as const);
      const reasons = kept ? [reason, `${releaseId} keeps serving: there is no other champion`] : [reason];
      const nothing = { dataset: null, training: null, evaluated: null, rolledOut: null };
      const { costUsd = 0 } = await recording.closeRelease({
        ...{ input, runId, outcome, stage: 'ended', reasons, withdrawnAt: null, startedAt, endedAt },
        gathered: {
          ...nothing,
          adapter: kept?.adapter ?? null,
          version: kept?.version ?? null,
          target: kept?.target ?? null,
        },
        timeline: [
          { at: startedAt, event: 'started', stage: 'opening' },
          { at: endedAt, event: reason, stage: null },
        ],
      });
      return { outcome, stage: 'ended', reasons, withdrawnAt: null, costUsd, kept };
    },
  };
}
