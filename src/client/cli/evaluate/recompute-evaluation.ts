import { evidenceSchema } from '../../../activities/evidence-file.js';
import { auditPrefix, auditRecordSchema } from '../../../adapters/store-audit/audit-record.js';
import type { ArtifactStore } from '../../../activities/ports.js';
import { storeKeys } from '../../../contracts/store-keys.js';
import { evidenceDigestOf } from '../../../domain/evaluation/evidence-digest.js';
import { recomputeDecision, type Difference, type Recomputed } from '../../../domain/evaluation/recompute.js';
import { sha256Hex } from '../../../domain/release/evidence.js';
import { releaseRecordSchema } from '../../../domain/release/release-record.js';
import { CannotRun } from '../command-context.js';
import { judgedOf, parseJson, parseScores, specificationOfDigest } from './load-evaluation.js';

/**
 * A recorded evaluation again, from what it left: the digests of its files, every verdict, and the digest that approvals
 * sign, held against the evidence, the release record and the audit log.
 */
export async function recomputeEvaluation({
  store,
  read,
}: {
  store: ArtifactStore;
  /** A file of the evaluation; null where it is not there. */
  read: (file: string) => Promise<Uint8Array | null>;
}): Promise<{ id: string; recomputed: Recomputed; recordedDigest: string }> {
  const need = async (file: string): Promise<Uint8Array> => {
    const body = await read(file);
    if (body !== null) return body;
    throw new CannotRun(`${file} of the evaluation is not there; without it nothing can be recomputed`);
  };
  const parsed = evidenceSchema.safeParse(parseJson(await need('evidence.json')));
  if (!parsed.success)
    throw new CannotRun(
      `evidence.json is none: ${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`,
    );
  const evidence = parsed.data;
  const { inputs, releaseId } = evidence;
  const scores = await need('scores.jsonl');
  const judging = inputs['judging'] === undefined ? null : await need('judging.json');
  const { spec } = await specificationOfDigest({ store, sha256: inputs['specification'] ?? '' });
  const { differences, ...recomputed } = recomputeDecision({
    recorded: evidence,
    spec: spec.evaluation,
    scores: parseScores(scores),
    ...judgedOf(evidence),
    flags: evidence.flags ?? [],
  });
  const files: Difference[] = [
    { what: 'scores.jsonl: SHA-256', recorded: inputs['scores'] ?? null, recomputed: sha256Hex(scores) },
    ...(judging === null
      ? []
      : [{ what: 'judging.json: SHA-256', recorded: inputs['judging'] ?? null, recomputed: sha256Hex(judging) }]),
  ];
  const signed = await signedDigests({ store, releaseId, model: spec.model });
  const digests = signed.map(({ where, digest }) => ({
    what: `evidence digest in ${where}`,
    recorded: digest,
    recomputed: recomputed.evidenceDigest,
  }));
  const differ = ({ recorded, recomputed: found }: Difference): boolean => recorded !== found;
  return {
    id: releaseId,
    recomputed: { ...recomputed, differences: [...files.filter(differ), ...differences, ...digests.filter(differ)] },
    recordedDigest: evidenceDigestOf(evidence),
  };
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
  const stored = await store.get({ key: storeKeys.record({ releaseId }) });
  const record = stored && releaseRecordSchema.parse(parseJson(stored.body));
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
