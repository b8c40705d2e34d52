import { findVersion } from '../../../activities/dataset-versions.js';
import type { OpenEmbedder } from '../../../activities/embedder-port.js';
import { createEvaluationActivities } from '../../../activities/evaluation.js';
import { createJudgeActivities, type JudgingProgress } from '../../../activities/judging/judge-answers.js';
import type { Judge } from '../../../activities/judging/judge-port.js';
import { requireJudge } from '../../../activities/judging/require-judge.js';
import { PortError, type ArtifactStore, type AuditLog, type ChatModel } from '../../../activities/ports.js';
import type { ProbedAnswers } from '../../../contracts/evaluation.js';
import type { DatasetSummary, EvaluationResult } from '../../../contracts/release.js';
import { storeKeys } from '../../../contracts/store-keys.js';
import { storeUri, type ArtifactRef } from '../../../domain/artifact-ref.js';
import { canonicalJson, digestOf } from '../../../domain/release/evidence.js';
import { formatUsd } from '../../../domain/report/format.js';
import type { Specification } from '../../../domain/spec/specification.js';
import { CannotRun } from '../command-context.js';
import { identityOf, type Arm } from './arm.js';
import { armAnswers, probeAnswers } from './arm-answers.js';
import type { RetrievalPorts } from './ask-endpoint.js';
import type { EvaluationSpecification } from './evaluation-specification.js';
import type { Interrupt } from './interrupt.js';
import { requestKey, type StoredRequest } from './stored-request.js';

export interface EvaluationRequest {
  store: ArtifactStore;
  specification: EvaluationSpecification;
  candidate: Arm;
  /** Null holds the candidate against absolute limits and the baseline alone. */
  against: Arm | null;
  chatOf: (endpoint: string) => ChatModel;
  judge: Judge | null;
  openEmbedder: OpenEmbedder | null;
  /** Where a release or an endpoint finds the facts that it is asked with. */
  retrievalPorts: RetrievalPorts;
  concurrency: number;
  interrupt: Interrupt;
  say: (line: string) => void;
  progress: (line: string) => void;
}

/** An evaluation outside a release decides about no traffic: there is nothing to audit. */
const noAudit: AuditLog = { append: async ({ entry }) => ({ sequence: 0, entry }) };

/**
 * The `evaluation` workflow's story without Temporal, by the same activities: the champion's answers, what they let the
 * golden set show, the candidate's answers, a judge's scores, the decision; all cases at once, without early looks. Everything lies in the store under the id
 * that is returned, as it does for a release; the same request has the same id and finds what was stored.
 */
export async function runEvaluation({
  interrupt,
  judge,
  ...request
}: EvaluationRequest): Promise<{ evaluation: string; result: EvaluationResult }> {
  const { store, specification, candidate, against, openEmbedder, say } = request;
  const { ref, value, cases } = specification;
  const { evaluation: spec, model } = value.spec;
  requireJudge({ spec, judge });
  const dataset = await datasetOf({ store, specification: value });
  const evaluation = idOf({ specification: ref, dataset, candidate, against });
  const activities = createEvaluationActivities({ store, audit: noAudit, registry: null, openEmbedder });
  const stored: StoredRequest = {
    ...{ version: 1, evaluation, model, specification: ref },
    ...{ candidate: candidate.name, against: against?.name ?? null },
  };
  await store.put({ key: requestKey({ evaluation }), body: Buffer.from(canonicalJson(stored)) });

  const step = { releaseId: evaluation, model, specification: ref };
  const { timing } = interrupt;
  const chatOf = (endpoint: string): ChatModel => interrupt.chat(request.chatOf(endpoint));
  const answers = (arm: Arm, role: 'candidate' | 'against'): Promise<ArtifactRef> =>
    armAnswers({ ...request, arm, role, evaluation, specification, cases, chatOf, timing });
  const opening = await activities.openEvaluation({ ...step, champion: against?.name ?? null });
  const championAnswers = against && (await answers(against, 'against'));
  // A file that can't be read is no attempt on the golden set.
  const inFile = candidate.kind === 'file' ? await answers(candidate, 'candidate') : null;
  const plan = await activities.planEvaluation({ ...step, championAnswers });
  if (plan.refusal) return { evaluation, result: plan.refusal };
  for (const { reason } of plan.warnings ?? []) say(`warning: ${reason}`);
  const challengerAnswers = inFile ?? (await answers(candidate, 'candidate'));
  const probe = (arm: Arm, role: 'candidate' | 'against', probes: ArtifactRef | null): Promise<ProbedAnswers | null> =>
    probeAnswers({ ...request, arm, role, probes, evaluation, specification, chatOf, timing });
  const probed = candidate.kind !== 'file' && {
    challenger: await probe(candidate, 'candidate', opening.probes.challenger),
    champion: against && (await probe(against, 'against', opening.probes.champion)),
  };
  const judged =
    plan.judged && judge
      ? await createJudgeActivities({
          ...{ store, timing, judge: { ...judge, chat: interrupt.chat(judge.chat) } },
          progress: (now) => request.progress(judgingSentence(now)),
        }).judgeAnswers({ ...step, championAnswers, challengerAnswers })
      : null;
  const result = await activities.decideEvaluation({
    ...{ ...step, dataset, championAnswers, challengerAnswers, attempt: plan.attempt },
    ...(judged && { judged }),
    ...(probed && { probed }),
    champion: against?.name ?? null,
  });
  return { evaluation, result };
}

/** Equal requests are one evaluation: a repetition finds its answers and counts as no further attempt. */
const idOf = ({
  specification,
  dataset,
  candidate,
  against,
}: {
  specification: ArtifactRef;
  dataset: DatasetSummary;
  candidate: Arm;
  against: Arm | null;
}): string => {
  const arms = { candidate: identityOf(candidate), against: against && identityOf(against) };
  return `evaluation-${digestOf({ version: 1, specification: specification.sha256, dataset: dataset.digest, ...arms }).slice(0, 16)}`;
};

/** What judging says of itself while it goes on. */
const judgingSentence = ({ judged, of, spentUsd, capUsd, forecast }: JudgingProgress): string =>
  `judge: ${judged} of ${of} judgements, ${formatUsd(spentUsd)} of ${formatUsd(capUsd)} spent${forecast === null ? '' : `, about ${formatUsd(forecast.expectedUsd)} foreseen`}`;

/** What the baseline learns from, the newest version of the model's data set; without a baseline no data set matters. */
async function datasetOf({
  store,
  specification: { spec, golden },
}: {
  store: ArtifactStore;
  specification: Specification;
}): Promise<DatasetSummary> {
  if (spec.evaluation.baseline === null) {
    const none = golden.ref;
    return {
      ...{ name: spec.model, digest: 'none', read: 0, rows: 0, deadLettered: {} },
      ...{ train: none, validation: none, table: none, manifest: none },
    };
  }
  const { manifest, ref } = await findVersion({ store, name: spec.model, version: null }).catch((error: unknown) => {
    if (!(error instanceof PortError) || error.type !== 'NotFound') throw error;
    throw new CannotRun(
      `evaluation.baseline learns from the data set of ${spec.model}, and the store has none: run "understudy data build" first, or lay an overlay with "evaluation: { baseline: null }" over the spec`,
    );
  });
  const { name, digest, counts, files } = manifest;
  const refOf = (wanted: string): ArtifactRef => {
    const { file, sha256, bytes } = files.find((one) => one.file === wanted)!;
    return { uri: storeUri(storeKeys.dataset({ name, digest, file })), sha256, bytes };
  };
  return {
    ...{ name, digest, read: counts.read, rows: counts.published, deadLettered: counts.deadLettered },
    ...{ train: refOf('train.jsonl'), validation: refOf('validation.jsonl'), table: refOf('rows.parquet') },
    manifest: ref,
  };
}
