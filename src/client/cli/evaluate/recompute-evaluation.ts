import type { z } from 'zod';
import { armsWithCosines, cosineRowSchema } from '../../../activities/evaluation-cosines.js';
import { evidenceSchema, type Evidence } from '../../../activities/evidence-file.js';
import { lookPlanSchema } from '../../../activities/evaluation-looks.js';
import { judgementDigestOf, judgingSchema } from '../../../activities/judging/judged-file.js';
import type { ArtifactStore } from '../../../activities/ports.js';
import { readRecord } from '../../../activities/read-record.js';
import { auditPrefix, auditRecordSchema } from '../../../adapters/store-audit/audit-record.js';
import type { ArtifactRef } from '../../../domain/artifact-ref.js';
import { parseGoldenSet } from '../../../domain/dataset/golden.js';
import { answerSchema, type Answer } from '../../../domain/evaluation/answer.js';
import { evidenceDigestOf } from '../../../domain/evaluation/evidence-digest.js';
import { recomputeDecision, type Difference, type Recomputed } from '../../../domain/evaluation/recompute.js';
import { digestOf, sha256Hex } from '../../../domain/release/evidence.js';
import { specificationSchema, type Specification } from '../../../domain/spec/specification.js';
import { CannotRun } from '../command-context.js';
import { parseJson, parseScores, specificationOfDigest } from './load-evaluation.js';

/** Where the files of an evaluation are read; null for one that is not there. */
export interface EvaluationFiles {
  /** By its name. */
  named(file: string): Promise<Uint8Array | null>;
  /** By what the evidence says of where it lies. */
  at(ref: ArtifactRef): Promise<Uint8Array | null>;
}

/**
 * A recorded evaluation again, from what it left: the digests of its files, every verdict, and the digest that approvals
 * sign, held against the evidence, the release record and the audit log.
 */
export async function recomputeEvaluation({
  store,
  read,
}: {
  store: ArtifactStore;
  read: EvaluationFiles;
}): Promise<{ id: string; recomputed: Recomputed; recordedDigest: string }> {
  const body = await read.named('evidence.json');
  if (body === null) throw missing('evidence.json');
  const parsed = evidenceSchema.safeParse(parseJson(body));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new CannotRun(`evidence.json is none: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const evidence = parsed.data;
  const files = await filesOf({ read, evidence });
  const specification = await specificationFor({ store, evidence, files });
  const { differences, ...recomputed } = recomputeDecision({
    recorded: evidence,
    from: {
      spec: specification.spec.evaluation,
      evidence: evidence.verdicts.find((one) => one.evidence !== null)?.evidence ?? null,
      ...(evidence.judged && { judged: evidence.judged }),
      ...(evidence.leftOut && { leftOut: evidence.leftOut }),
      ...whatWasAnswered(files),
      ...lookOf({ evidence, files }),
    },
  });
  const bytes = [...files].map(([name, { sha256, body: found }]) => ({
    ...{ what: `${name}: SHA-256`, recorded: sha256, recomputed: sha256Hex(found) },
  }));
  const { judged, inputs } = evidence;
  if (judged && inputs['judgedMetrics'] !== undefined)
    bytes.push({
      what: "what is known of the judge, and people's labels: SHA-256",
      ...{ recorded: inputs['judgedMetrics'] ?? '', recomputed: digestOf(judged) },
    });
  const judging = files.get('judging');
  if (judging && inputs['judgement'] !== undefined)
    bytes.push({
      what: 'who judged, and by what: SHA-256',
      recorded: inputs['judgement'] ?? '',
      recomputed: judgementDigestOf(judgingSchema.parse(parseJson(judging.body))),
    });
  const signed = await signedDigests({ store, releaseId: evidence.releaseId, model: specification.spec.model });
  const digests = signed.map(({ where, digest }) => ({
    what: `evidence digest in ${where}`,
    recorded: digest,
    recomputed: recomputed.evidenceDigest,
  }));
  const differ = ({ recorded, recomputed: found }: Difference): boolean => recorded !== found;
  return {
    id: evidence.releaseId,
    recomputed: { ...recomputed, differences: [...bytes.filter(differ), ...differences, ...digests.filter(differ)] },
    recordedDigest: evidenceDigestOf(evidence),
  };
}

type Files = ReadonlyMap<string, { sha256: string; body: Uint8Array }>;

const missing = (what: string): CannotRun =>
  new CannotRun(`${what} of the evaluation is not there; without it nothing can be recomputed`);

/** Every file that the evidence names; what 0.1.0 recorded named none but the scores. */
async function filesOf({
  read,
  evidence: { files, inputs },
}: {
  read: EvaluationFiles;
  evidence: Evidence;
}): Promise<Files> {
  const found = new Map<string, { sha256: string; body: Uint8Array }>();
  const named = Object.entries(files ?? {}).flatMap(([name, ref]) => (ref === null ? [] : [[name, ref] as const]));
  for (const [name, ref] of named) {
    const body = await read.at(ref);
    if (body === null) throw missing(`${name} (${ref.uri})`);
    found.set(name, { sha256: inputs[name] ?? ref.sha256, body });
  }
  if (found.has('scores')) return found;
  const scores = await read.named('scores.jsonl');
  if (scores === null) throw missing('scores.jsonl');
  return found.set('scores', { sha256: inputs['scores'] ?? '', body: scores });
}

const textOf = (files: Files, name: string): string | null => {
  const file = files.get(name);
  return file === undefined ? null : Buffer.from(file.body).toString('utf8');
};

async function specificationFor({
  store,
  evidence: { inputs },
  files,
}: {
  store: ArtifactStore;
  evidence: Evidence;
  files: Files;
}): Promise<Specification> {
  const file = files.get('specification');
  return file
    ? specificationSchema.parse(parseJson(file.body))
    : await specificationOfDigest({ store, sha256: inputs['specification'] ?? '' });
}

/** Scores, and the cases and answers that flags are about; of an early end only the cases that were asked. */
function whatWasAnswered(files: Files) {
  const scores = parseScores(files.get('scores')!.body);
  const asked = new Set(scores.challenger.map((row) => row.id));
  const golden = textOf(files, 'golden');
  const { cases } = golden === null ? { cases: [] } : parseGoldenSet({ text: golden, now: null });
  const rowsOf = <Row>(name: string, schema: z.ZodType<Row>): Row[] | null =>
    textOf(files, name)
      ?.split('\n')
      .filter((line) => line !== '')
      .map((line) => schema.parse(JSON.parse(line))) ?? null;
  const answersOf = (name: string): Answer[] | null => rowsOf(name, answerSchema);
  const answers = { challenger: answersOf('challengerAnswers') ?? [], champion: answersOf('championAnswers') };
  return {
    scores,
    cases: cases.filter((one) => asked.has(one.id)),
    answers: armsWithCosines({ answers, rows: rowsOf('cosines', cosineRowSchema) ?? [] }),
  };
}

/** The look at which it ended; nothing where all cases were asked at once. */
function lookOf({ evidence: { looks }, files }: { evidence: Evidence; files: Files }) {
  const plan = files.get('looks');
  const last = looks?.taken.at(-1);
  if (plan === undefined || last === undefined) return {};
  return { look: { plan: lookPlanSchema.parse(parseJson(plan.body)).looks, index: last.index } };
}

/** The digests that were written down of the evaluation; none outside a release. */
async function signedDigests({
  store,
  releaseId,
  model,
}: {
  store: ArtifactStore;
  releaseId: string;
  model: string;
}): Promise<{ where: string; digest: string }[]> {
  const found: { where: string; digest: string }[] = [];
  const record = await readRecord({ store, releaseId });
  if (record?.evaluation && record.evidenceDigest !== null)
    found.push({ where: 'record.json', digest: record.evidenceDigest });
  for await (const { key } of store.list({ prefix: auditPrefix(model) })) {
    const entry = await store.get({ key });
    const audited = entry && auditRecordSchema.safeParse(parseJson(entry.body));
    if (!audited?.success || audited.data.entry.key !== `evaluation/${releaseId}`) continue;
    const { evidenceDigest } = audited.data.entry;
    if (evidenceDigest !== null) found.push({ where: key, digest: evidenceDigest });
  }
  return found;
}
