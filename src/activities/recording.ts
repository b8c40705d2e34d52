import type { CloseReleaseInput } from '../contracts/recording.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import { releaseRecordSchema, totalCostUsd, type ReleaseRecord } from '../domain/release/release-record.js';
import type { Specification } from '../domain/spec/specification.js';
import type { Ports } from './ports.js';
import { createRecordPublisher } from './record-publishing.js';
import { releaseCosts, type ReleaseCosts } from './release-costs.js';
import { loadSpecification } from './specifications.js';

function recordOf({
  closing,
  specification,
  codeCommit,
  embeddingModel,
  costs: { costUsd, unknown },
}: {
  closing: CloseReleaseInput;
  specification: Specification;
  codeCommit: string | null;
  embeddingModel: string | null;
  costs: ReleaseCosts;
}): ReleaseRecord {
  const { input, gathered, runId } = closing;
  const { dataset, training, evaluated, rolledOut, target } = gathered;
  const { spec } = specification;
  return releaseRecordSchema.parse({
    version: 1,
    model: input.model,
    releaseId: input.releaseId,
    kind: input.kind,
    trigger: input.trigger,
    requestedBy: input.requestedBy,
    outcome: closing.outcome,
    stage: closing.stage,
    reasons: [...closing.reasons, ...unknown],
    withdrawnAt: closing.withdrawnAt,
    startedAt: closing.startedAt,
    endedAt: closing.endedAt,
    seconds: (Date.parse(closing.endedAt) - Date.parse(closing.startedAt)) / 1000,
    champion: input.champion?.releaseId ?? null,
    specification: input.specification,
    overlays: specification.overlays,
    codeCommit,
    dataset: dataset && { ...dataset, manifest: dataset.manifest },
    golden: specification.golden,
    base: spec.base,
    adapter: gathered.adapter,
    training: training && {
      jobName: `train-${input.releaseId}`,
      parameters: trainingParameters(specification),
      metrics: training.metrics,
      rows: training.rows,
      truncatedRows: training.truncatedRows,
      seconds: training.seconds,
    },
    promptDigest: specification.promptDigest,
    ...(input.candidate && {
      candidate: { releaseId: input.candidate.releaseId, version: input.candidate.version },
    }),
    indexVersion: target?.indexVersion ?? input.indexVersion ?? null,
    embeddingModel,
    serving: target && {
      endpoint: target.endpoint,
      liveEndpoint: target.endpoint,
      adapter: target.adapter,
      settings: {},
    },
    tracking: { runId, modelVersion: gathered.version },
    evaluation: evaluated?.evidence ? { verdict: evaluated.verdict, evidence: evaluated.evidence } : null,
    evidenceDigest: evaluated?.evidenceDigest ?? null,
    verdicts: [...(evaluated?.verdicts ?? []), ...(rolledOut?.verdicts ?? [])],
    approvals: rolledOut?.approvals ?? [],
    costUsd,
    rollback: rolledOut?.rollback ?? null,
    timeline: closing.timeline,
  });
}

const trainingParameters = ({
  spec: { training },
  preferences,
}: Specification): Record<string, string | number | boolean | null> =>
  Object.fromEntries(
    Object.entries({ ...training, preferences: preferences?.sha256 ?? null, ...preferenceParameters(training) }).filter(
      (entry): entry is [string, string | number | boolean | null] => typeof entry[1] !== 'object' || entry[1] === null,
    ),
  );

function preferenceParameters({ preferences }: Specification['spec']['training']) {
  if (preferences === null) return {};
  const { beta: preferenceBeta, learningRate: preferenceLearningRate, epochs: preferenceEpochs } = preferences;
  return { preferenceBeta, preferenceLearningRate, preferenceEpochs, preferenceMaxSteps: preferences.maxSteps };
}

/** The end of a release: its record, report and model card in the store and at the run, the run closed, the decision audited. */
export function createRecordingActivities({
  store,
  registry,
  reports,
  audit,
  notifier,
  trainer,
  codeCommit,
  chunks = null,
}: Pick<Ports, 'store' | 'registry' | 'reports' | 'audit' | 'notifier' | 'trainer' | 'chunks'> & {
  codeCommit: string | null;
}) {
  const publishRecord = createRecordPublisher({ store, registry, reports, audit, notifier });

  /** The model that the release's index was made with; null where it serves none, or the index can't be asked. */
  async function embeddingModelOf({ target }: CloseReleaseInput['gathered']): Promise<string | null> {
    const collection = target?.indexVersion ?? null;
    if (collection === null || !chunks) return null;
    return (await chunks.describe({ collection }).catch(() => null))?.embedder ?? null;
  }

  return {
    /**
     * A record that stands already stays, and what follows from it is made up for. `costUsd` is all that the release has
     * cost, in US dollars; workers of 0.1.0 don't say.
     */
    async closeRelease(closing: CloseReleaseInput): Promise<{ record: ArtifactRef; costUsd?: number }> {
      const { input, runId } = closing;
      const specification = await loadSpecification({ store, ref: input.specification });
      const embeddingModel = await embeddingModelOf(closing.gathered);
      const costs = await releaseCosts({ store, trainer, closing });
      const own = recordOf({ closing, specification, codeCommit, embeddingModel, costs });
      const { record, ref } = await publishRecord({ record: own, runId });
      return { record: ref, costUsd: totalCostUsd(record) };
    },
  };
}
