import { z } from 'zod';
import { evidenceSchema, type Evidence } from '../../../activities/evidence-file.js';
import { judgingSchema } from '../../../activities/judging/judged-file.js';
import type { ArtifactStore } from '../../../activities/ports.js';
import { refusedPlanSchema } from '../../../activities/power-plan-file.js';
import { loadSpecification } from '../../../activities/specifications.js';
import { storeKeys } from '../../../contracts/store-keys.js';
import { storeUri } from '../../../domain/artifact-ref.js';
import { evidenceDigestOf } from '../../../domain/evaluation/evidence-digest.js';
import type { ArmScores } from '../../../domain/evaluation/judge-answers.js';
import { scoreRowSchema } from '../../../domain/evaluation/score-answers.js';
import { rulesOf } from '../../../domain/release/rules.js';
import { evaluationView, type EvaluationInput, type EvaluationView } from '../../../domain/report/evaluation-view.js';
import { gateIntervals } from '../../../domain/report/gate-intervals.js';
import type { EvaluationSpec } from '../../../domain/spec/evaluation-spec.js';
import type { Specification } from '../../../domain/spec/specification.js';
import { CannotRun } from '../command-context.js';
import { requestKey, storedRequestSchema, type StoredRequest } from './stored-request.js';

const armRowSchema = scoreRowSchema.extend({ arm: z.string() });
const refusalSchema = refusedPlanSchema.pick({ refused: true });

export const parseJson = (body: Uint8Array): unknown => JSON.parse(Buffer.from(body).toString('utf8'));

/** Reads `scores.jsonl`: every arm's raw scores. */
export function parseScores(body: Uint8Array): ArmScores {
  const rows = Buffer.from(body)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => armRowSchema.parse(JSON.parse(line)));
  const of = (name: string) => rows.flatMap(({ arm, ...row }) => (arm === name ? [row] : []));
  const orNull = (name: string) => (rows.some(({ arm }) => arm === name) ? of(name) : null);
  return { challenger: of('challenger'), champion: orNull('champion'), baseline: orNull('baseline') };
}

/** The specification of a digest, whichever model it is of. */
export async function specificationOfDigest({
  store,
  sha256,
}: {
  store: ArtifactStore;
  sha256: string;
}): Promise<Specification> {
  for await (const { key, bytes } of store.list({ prefix: 'specs/' }))
    if (key.endsWith(`/${sha256}.json`))
      return await loadSpecification({ store, ref: { uri: storeUri(key), sha256, bytes } });
  throw new CannotRun(`the store has no specification of digest ${sha256}, by which the decision was made; restore it`);
}

/** The specification that evidence was made by. */
export const specificationFor = async ({
  store,
  evidence: { files, inputs },
}: {
  store: ArtifactStore;
  evidence: Evidence;
}): Promise<Specification> =>
  files?.['specification']
    ? await loadSpecification({ store, ref: files['specification'] })
    : await specificationOfDigest({ store, sha256: inputs['specification'] ?? '' });

/** An evaluation as it lies in the store, by the id of a release or of an evaluation outside one. */
export async function loadEvaluation({ store, id }: { store: ArtifactStore; id: string }): Promise<EvaluationView> {
  const read = async (file: string) => {
    const stored = await store.get({ key: storeKeys.release({ releaseId: id, file: `evaluation/${file}` }) });
    return stored?.body ?? null;
  };
  const stored = await store.get({ key: requestKey({ evaluation: id }) });
  const request = stored && storedRequestSchema.parse(parseJson(stored.body));
  const evidenceBody = await read('evidence.json');
  if (evidenceBody) return evaluationView(await inputOf({ store, id, read, request, evidenceBody }));
  const refused = await read('power-plan.json');
  if (refused && request) return evaluationView(await refusedInput({ store, request, refused }));
  throw new CannotRun(`${id} has no evaluation in the store; expected a release or an evaluation that was finished`);
}

async function inputOf({
  store,
  id,
  read,
  request,
  evidenceBody,
}: {
  store: ArtifactStore;
  id: string;
  read: (file: string) => Promise<Uint8Array | null>;
  request: StoredRequest | null;
  evidenceBody: Uint8Array;
}): Promise<EvaluationInput> {
  const evidence = evidenceSchema.parse(parseJson(evidenceBody));
  const { spec, golden } = await specificationFor({ store, evidence });
  const judging = evidence.inputs['judgedScores'] === undefined ? null : await read('judging.json');
  const { verdict, verdicts, seed, attempt, report, judged, leftOut, intervals } = evidence;
  return {
    ...{ id, model: spec.model, verdict, verdicts, seed, attempt, report },
    candidate: request?.candidate ?? id,
    against: evidence.champion,
    golden: goldenOf({ ...golden, sha256: evidence.inputs['golden'] ?? golden.ref.sha256 }),
    intervals: intervals
      ? new Map(Object.entries(intervals))
      : foundIntervals({ spec: spec.evaluation, evidence, scores: await read('scores.jsonl') }),
    flags: evidence.flags ?? [],
    leftOut: leftOut ?? [],
    judged: judged ?? [],
    judging: judging && judgingSchema.parse(parseJson(judging)),
    evidenceDigest: evidenceDigestOf(evidence),
  };
}

/** The intervals of an evaluation that stored none, found again from its scores. */
function foundIntervals({
  spec,
  evidence,
  scores,
}: {
  spec: EvaluationSpec;
  evidence: Evidence;
  scores: Uint8Array | null;
}): EvaluationInput['intervals'] {
  if (scores === null) return new Map();
  const { seed, verdicts, leftOut, judged, looks } = evidence;
  const look = looks?.taken.at(-1);
  return gateIntervals({
    ...{ spec, scores: parseScores(scores), seed, verdicts, rules: rulesOf(evidence) },
    ...(leftOut && { leftOut: leftOut.map(({ metric }) => metric) }),
    ...(judged && { judged }),
    ...(look && { alpha: looks!.plan[look.index]!.alpha }),
  });
}

async function refusedInput({
  store,
  request: { evaluation, model, candidate, against, specification },
  refused,
}: {
  store: ArtifactStore;
  request: StoredRequest;
  refused: Uint8Array;
}): Promise<EvaluationInput> {
  const verdict = refusalSchema.parse(parseJson(refused)).refused;
  const { golden } = await loadSpecification({ store, ref: specification });
  return {
    ...{ id: evaluation, model, candidate, against, verdict: verdict.verdict, verdicts: [verdict] },
    golden: goldenOf({ ...golden, sha256: golden.ref.sha256 }),
    ...{ intervals: new Map(), flags: [], leftOut: [], judged: [], judging: null, report: null },
    ...{ attempt: null, seed: null, evidenceDigest: null },
  };
}

const goldenOf = ({ name, version, sha256 }: EvaluationInput['golden']): EvaluationInput['golden'] => ({
  ...{ name, version, sha256 },
});
