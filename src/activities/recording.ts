import type { CloseReleaseInput } from '../contracts/recording.js';
import { storeKeys } from '../contracts/store-keys.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import { canonicalJson } from '../domain/release/evidence.js';
import { releaseRecordSchema, totalCostUsd, type ReleaseRecord } from '../domain/release/release-record.js';
import type { ReportInput, ReportTraining } from '../domain/report/report-input.js';
import type { JudgedLook } from '../domain/rollout/looks.js';
import type { Specification } from '../domain/spec/specification.js';
import { approvalEntry } from './approval-audit.js';
import { evidenceSchema } from './evidence-file.js';
import { readLooks } from './look-log.js';
import { cardOf } from './model-card.js';
import type { Ports } from './ports.js';
import { releaseCosts, type ReleaseCosts } from './release-costs.js';
import { readShadow } from './shadow/shadow-evidence.js';
import { loadSpecification } from './specifications.js';
import { loadJson } from './stored-json.js';

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

const canaryOf = (judged: JudgedLook[]): ReportInput['canary'] =>
  judged.length === 0
    ? null
    : {
        looks: judged.map(({ look, guards }) => {
          const last = look.revisions.at(-1);
          const keys = (arm: 'champion' | 'challenger'): number =>
            look.revisions.reduce((sum, one) => sum + one.arms[arm].keys, 0);
          return {
            at: look.at,
            share: last?.share ?? 0,
            revision: last?.revision ?? 0,
            guards,
            challengerKeys: keys('challenger'),
            championKeys: keys('champion'),
          };
        }),
      };

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
  /** The model that the release's index was made with; null where it serves none, or the index can't be asked. */
  async function embeddingModelOf({ target }: CloseReleaseInput['gathered']): Promise<string | null> {
    const collection = target?.indexVersion ?? null;
    if (collection === null || !chunks) return null;
    return (await chunks.describe({ collection }).catch(() => null))?.embedder ?? null;
  }

  async function trainingSeries(runId: string): Promise<ReportTraining> {
    const [loss, validationLoss, learningRate] = await Promise.all(
      ['loss', 'validationLoss', 'learningRate'].map((metric) => registry.metricHistory({ runId, metric })),
    );
    return { loss: loss!, validationLoss: validationLoss!, learningRate: learningRate! };
  }

  /** What the report of a release is made from, read back from the store and the run. */
  async function reportInput(record: ReleaseRecord): Promise<ReportInput> {
    const { releaseId } = record;
    const evidence =
      record.evaluation && (await loadJson({ store, ref: record.evaluation.evidence, schema: evidenceSchema }));
    const training = record.training && record.tracking ? await trainingSeries(record.tracking.runId) : null;
    return {
      record,
      evaluation: evidence?.report ?? null,
      training,
      canary: canaryOf(await readLooks({ store, releaseId })),
      shadow: await readShadow({ store, releaseId }),
    };
  }

  return {
    /** `costUsd` is all that the release has cost, in US dollars; workers of 0.1.0 don't say. */
    async closeRelease(closing: CloseReleaseInput): Promise<{ record: ArtifactRef; costUsd?: number }> {
      const { input, runId } = closing;
      const { releaseId, model } = input;
      const specification = await loadSpecification({ store, ref: input.specification });
      const embeddingModel = await embeddingModelOf(closing.gathered);
      const costs = await releaseCosts({ store, trainer, closing });
      const record = recordOf({ closing, specification, codeCommit, embeddingModel, costs });
      const body = Buffer.from(canonicalJson(record));
      const ref = await store.put({ key: storeKeys.record({ releaseId }), body });
      const shown = await reportInput(record);
      await store.put({ key: storeKeys.reportInput({ releaseId }), body: Buffer.from(canonicalJson(shown)) });
      const html = Buffer.from(await reports.release(shown));
      await store.put({ key: storeKeys.report({ releaseId }), body: html });
      await registry.putArtifact({ runId, path: 'record.json', body });
      await registry.putArtifact({ runId, path: 'report.html', body: html });
      const card = Buffer.from(await cardOf({ store, record }));
      await store.put({ key: storeKeys.modelCard({ releaseId }), body: card });
      await registry.putArtifact({ runId, path: 'README.md', body: card });
      await registry.setTags({
        runId,
        tags: { 'understudy.outcome': record.outcome, 'understudy.stage': record.stage },
      });
      await registry.endRun({ runId, succeeded: record.outcome === 'promoted' });
      for (const approval of record.approvals)
        await audit.append({ model, entry: approvalEntry({ releaseId, approval }) });
      await audit.append({
        model,
        entry: {
          key: `ended/${releaseId}`,
          kind: 'decision',
          actor: `release:${releaseId}`,
          releaseId,
          reason: `${record.outcome} in ${record.stage}: ${record.reasons.join('; ')}`,
          evidenceDigest: record.evidenceDigest,
          details: {
            outcome: record.outcome,
            record: ref.sha256,
            verdicts: record.verdicts.map(({ gate, verdict, reason }) => ({ gate, verdict, reason })),
          },
        },
      });
      await notifier.notify({
        key: `${releaseId}/ended`,
        severity: record.outcome === 'promoted' && record.withdrawnAt === null ? 'info' : 'warning',
        title: `${releaseId}: ${record.outcome}`,
        body: record.reasons.join('\n'),
        model,
        releaseId,
      });
      return { record: ref, costUsd: totalCostUsd(record) };
    },
  };
}
