import { z } from 'zod';
import { createAnswerActivities } from '../../../activities/answers.js';
import { evidenceSchema } from '../../../activities/evidence-file.js';
import type { Timing } from '../../../activities/judging/pacer.js';
import type { ArtifactStore, ChatModel } from '../../../activities/ports.js';
import { indexInUse } from '../../../activities/retrieval/index-in-use.js';
import { readRecord } from '../../../activities/read-record.js';
import { loadJsonLines, readJson } from '../../../activities/stored-json.js';
import { storeKeys } from '../../../contracts/store-keys.js';
import type { ArtifactRef } from '../../../domain/artifact-ref.js';
import type { ProbedAnswers } from '../../../contracts/evaluation.js';
import type { ServedTarget } from '../../../contracts/release.js';
import { observationsSchema, type Answer } from '../../../domain/evaluation/answer.js';
import { probeSchema } from '../../../domain/evaluation/behaviour/probe.js';
import { canonicalJson } from '../../../domain/release/evidence.js';
import type { Specification } from '../../../domain/spec/specification.js';
import { formatNames } from '../../../domain/statistics/format.js';
import { CannotRun } from '../command-context.js';
import { readRows } from '../read-rows.js';
import type { Arm } from './arm.js';
import { askEndpoint, type Question, type RetrievalPorts } from './ask-endpoint.js';

/** A row of a file of answers; `answer` null or missing is unmeasured. */
const fileRowSchema = observationsSchema.extend({
  id: z.union([z.string().min(1), z.number()]).transform(String),
  answer: z
    .string()
    .nullish()
    .transform((answer) => answer ?? null),
  reason: z
    .string()
    .nullish()
    .transform((reason) => reason ?? null),
  promptTokens: z.number().optional(),
  completionTokens: z.number().optional(),
});

export interface ArmAnswersInput {
  store: ArtifactStore;
  evaluation: string;
  role: 'candidate' | 'against';
  specification: { ref: ArtifactRef; value: Specification };
  cases: readonly Question[];
  chatOf: (endpoint: string) => ChatModel;
  retrievalPorts: RetrievalPorts;
  concurrency: number;
  timing: Timing;
  say: (line: string) => void;
  /** Said again and again while it goes on; who shows it may leave some out. */
  progress: (line: string) => void;
}

/** An arm's answers to the golden set, in the store. */
export async function armAnswers({ arm, ...input }: ArmAnswersInput & { arm: Arm }): Promise<ArtifactRef> {
  if (arm.kind === 'release') return await releaseAnswers({ arm, ...input });
  const { store, evaluation, role } = input;
  const answers = arm.kind === 'file' ? await fileAnswers({ arm, ...input }) : await endpointAnswers({ arm, ...input });
  const key = storeKeys.release({ releaseId: evaluation, file: `evaluation/answers-${role}.jsonl` });
  return await store.put({ key, body: answerLines(answers) });
}

/** The same bytes whether an answer was just given or was stored before. */
const answerLines = (answers: readonly Answer[]): Uint8Array =>
  Buffer.from(answers.map((one) => `${canonicalJson(one)}\n`).join(''));

/** An arm's answers to probes; null where there are none to ask, or nobody to ask: a file holds what it holds. */
export async function probeAnswers({
  arm,
  probes,
  ...input
}: Omit<ArmAnswersInput, 'cases'> & { arm: Arm; probes: ArtifactRef | null }): Promise<ProbedAnswers | null> {
  if (probes === null || arm.kind === 'file') return null;
  const { store, evaluation, role, specification, chatOf, retrievalPorts } = input;
  if (arm.kind === 'release') {
    const target = await targetOf({ store, releaseId: arm.releaseId });
    const activities = createAnswerActivities({ store, chat: chatOf(target.endpoint), ...retrievalPorts });
    const asked = { releaseId: evaluation, model: specification.value.spec.model, specification: specification.ref };
    return { probes, answers: await activities.generateAnswers({ ...asked, target, probes }) };
  }
  const cases = await loadJsonLines({ store, ref: probes, schema: probeSchema });
  const name = `${arm.name}, probes`;
  const answers = await endpointAnswers({ ...input, arm: { ...arm, name }, cases });
  const key = storeKeys.release({ releaseId: evaluation, file: `evaluation/probe-answers-${role}.jsonl` });
  return { probes, answers: await store.put({ key, body: answerLines(answers) }) };
}

async function endpointAnswers({
  arm,
  specification,
  chatOf,
  retrievalPorts: ports,
  progress,
  say,
  ...input
}: ArmAnswersInput & { arm: Extract<Arm, { kind: 'endpoint' }> }): Promise<Answer[]> {
  let stored = 0;
  const answers = await askEndpoint({
    ...input,
    arm,
    specification: specification.value,
    indexVersion: await indexInUse({ ...ports, retrieval: specification.value.spec.retrieval }),
    ports,
    chat: chatOf(arm.endpoint),
    onAnswered: (counts) => {
      stored = counts.stored;
      progress(`${arm.name}: ${counts.answered} of ${counts.of} answers, ${counts.stored} of them stored before`);
    },
  });
  say(`${arm.name}: ${answers.length} answers, ${stored} of them stored before`);
  return answers;
}

async function fileAnswers({
  arm,
  cases,
  say,
}: ArmAnswersInput & { arm: Extract<Arm, { kind: 'file' }> }): Promise<Answer[]> {
  const rows = await readRows({ file: arm.path, schema: fileRowSchema });
  const known = new Set(cases.map(({ id }) => id));
  const strangers = rows.filter(({ id }) => !known.has(id)).map(({ id }) => id);
  if (strangers.length === rows.length)
    throw new CannotRun(
      `${arm.path}: none of its ids is in the golden set, such as ${formatNames(strangers)}; expected answers {id, answer} to the golden set's cases, such as ${formatNames([...known])}`,
    );
  if (strangers.length > 0)
    say(`warning: ${arm.path} answers cases that the golden set does not have: ${formatNames(strangers)}`);
  const twice = repeated(rows.map(({ id }) => id));
  if (twice.length > 0)
    say(`warning: ${arm.path} answers cases more than once, which leaves them unmeasured: ${formatNames(twice)}`);
  return rows;
}

function repeated(ids: readonly string[]): string[] {
  const seen = new Set<string>();
  return [...new Set(ids.filter((id) => seen.has(id) || !seen.add(id)))];
}

/** What an evaluation of the release on this golden set left, else the release is asked, by its own prompt. */
async function releaseAnswers({
  arm: { releaseId },
  store,
  evaluation,
  specification: { ref, value },
  chatOf,
  retrievalPorts,
}: ArmAnswersInput & { arm: Extract<Arm, { kind: 'release' }> }): Promise<ArtifactRef> {
  const file = storeKeys.release({ releaseId, file: 'evaluation/evidence.json' });
  const inputs = (await readJson({ store, key: file, schema: evidenceSchema }))?.inputs;
  const key = storeKeys.release({ releaseId, file: `evaluation/answers-${releaseId}.jsonl` });
  const answers = inputs?.['golden'] === value.golden.ref.sha256 ? await store.get({ key }) : null;
  if (answers && answers.ref.sha256 === inputs?.['challengerAnswers']) return answers.ref;
  const target = await targetOf({ store, releaseId });
  const activities = createAnswerActivities({ store, chat: chatOf(target.endpoint), ...retrievalPorts });
  return await activities.generateAnswers({
    releaseId: evaluation,
    model: value.spec.model,
    specification: ref,
    target,
  });
}

/** How a release is asked; it may be served no longer. */
async function targetOf({ store, releaseId }: { store: ArtifactStore; releaseId: string }): Promise<ServedTarget> {
  const record = await readRecord({ store, releaseId });
  if (record === null)
    throw new CannotRun(
      `${releaseId} has neither a record nor answers to this golden set in the store; check its name`,
    );
  const { serving, specification, indexVersion } = record;
  if (serving === null)
    throw new CannotRun(
      `${releaseId} was never served and has no answers to this golden set; name an endpoint or a file of answers`,
    );
  return {
    ...{ releaseId, endpoint: serving.endpoint, adapter: serving.adapter, specification },
    ...(indexVersion !== null && { indexVersion }),
  };
}
