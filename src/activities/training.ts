import type { ArtifactRef } from '../domain/artifact-ref.js';
import { heartbeat, pause } from './heartbeat.js';
import { PortError, type Ports, type TrainingRequest, type TrainingResult, type TrainingStatus } from './ports.js';
import { milliseconds } from '../domain/spec/quantities.js';
import type { PreferenceSpec } from '../domain/spec/training-spec.js';
import { loadSpecification } from './specifications.js';

const pollMilliseconds = 1000;

export interface TrainingInput {
  jobName: string;
  specification: ArtifactRef;
  trainFile: ArtifactRef;
  validationFile: ArtifactRef;
  trackingRunId: string;
  /** What the month's budget leaves; absent where there is none. */
  budgetLeftUsd?: number;
}

function withFile({
  preferences: { file: name, ...settings },
  file,
}: {
  preferences: PreferenceSpec;
  file: ArtifactRef | undefined;
}): NonNullable<TrainingRequest['preferences']> {
  if (file !== undefined) return { ...settings, file };
  throw new PortError(
    'InvalidInput',
    `training.preferences.file ${name}: is not in the store; apply the spec again, which puts it there`,
  );
}

const textsOf = ({ values, prefix = '' }: { values: object; prefix?: string }): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, String(value)]));

const spent = ({ costUsd }: TrainingStatus): string =>
  costUsd === undefined ? '' : `, ${costUsd.toFixed(2)} USD so far`;

/** Training jobs: started once by name, watched until they end, checked before they count. */
export function createTrainingActivities({ store, trainer, registry }: Pick<Ports, 'store' | 'trainer' | 'registry'>) {
  async function request(input: TrainingInput): Promise<TrainingRequest> {
    const { spec, preferences: pairs } = await loadSpecification({ store, ref: input.specification });
    const { instances, spot, budgetUsd, deadline, preferences, ...settings } = spec.training;
    const { jobName, trainFile, validationFile, trackingRunId, budgetLeftUsd = Infinity } = input;
    const maxLength = Math.min(settings.maxLength, spec.data.maxTokens ?? settings.maxLength);
    return {
      ...{ jobName, base: spec.base, trainFile, validationFile, trackingRunId },
      ...(preferences && { preferences: withFile({ preferences, file: pairs }) }),
      settings: { ...settings, maxLength },
      resources: {
        instances,
        spot,
        budgetUsd: Math.min(budgetUsd, budgetLeftUsd),
        deadlineSeconds: Math.floor(milliseconds(deadline) / 1000),
      },
    };
  }

  return {
    async startTraining(input: TrainingInput): Promise<void> {
      const wanted = await request(input);
      await registry.logParameters({
        runId: input.trackingRunId,
        parameters: {
          base: wanted.base.id,
          ...textsOf({ values: wanted.settings }),
          ...(wanted.preferences &&
            textsOf({
              values: { ...wanted.preferences, file: wanted.preferences.file.sha256 },
              prefix: 'preferences.',
            })),
        },
      });
      await trainer.start(wanted);
    },

    /** Returns when the job has completed. One that was stopped or vanished goes on from its checkpoints. */
    async watchTraining(input: TrainingInput): Promise<{ steps: number; seconds: number }> {
      const { jobName } = input;
      for (;;) {
        const status = await trainer.status({ jobName });
        heartbeat({ step: status.step, totalSteps: status.totalSteps, loss: status.loss, detail: status.detail });
        if (status.state === 'completed') return { steps: status.step, seconds: status.seconds };
        if (status.state === 'failed')
          throw new PortError(
            'TrainingFailed',
            `training job ${jobName} failed at step ${status.step} of ${status.totalSteps}${spent(status)}: ${status.failure ?? 'no message'}`,
          );
        if (status.state === 'stopped') await trainer.start(await request(input));
        await pause(pollMilliseconds);
      }
    },

    async collectTraining({
      jobName,
      releaseId,
      runId,
    }: {
      jobName: string;
      releaseId: string;
      runId: string;
    }): Promise<TrainingResult> {
      const result = await trainer.collect({ jobName, keyPrefix: `releases/${releaseId}/adapter` });
      await registry.logMetrics({ runId, metrics: result.metrics });
      return result;
    },

    async stopTraining({ jobName }: { jobName: string }): Promise<void> {
      await trainer.stop({ jobName });
    },
  };
}
