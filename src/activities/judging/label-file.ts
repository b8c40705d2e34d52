import { z } from 'zod';
import { storeKeys } from '../../contracts/store-keys.js';
import { sha256Hex } from '../../domain/release/evidence.js';
import type { LabelledScore } from '../../domain/release/judged-metric.js';
import { PortError, type ArtifactStore } from '../ports.js';
import { jsonLines } from '../stored-json.js';

/**
 * One line of `judge/labels/<golden set>/<version>/<metric>.jsonl`: what a person said of one answer. It is of the answer,
 * not of a release, so that it counts wherever the same answer is given again.
 */
export const storedLabelSchema = z.object({
  /** The golden case. */
  id: z.string().min(1),
  answerDigest: z.string().regex(/^[0-9a-f]{64}$/, 'expected the SHA-256 of the answer, in hexadecimal'),
  /** On the judge's scale. */
  score: z.number(),
  by: z.string().min(1),
  at: z.iso.datetime(),
});
export type StoredLabel = z.infer<typeof storedLabelSchema>;

interface LabelPlace {
  golden: { name: string; version: string };
  metric: string;
}

export const answerDigestOf = (answer: string): string => sha256Hex(answer);

/**
 * Every label of a metric on a golden set.
 * @throws PortError `InvalidInput`, naming file and line, where one can't be read.
 */
export async function loadLabels({
  store,
  golden,
  metric,
}: LabelPlace & { store: Pick<ArtifactStore, 'get'> }): Promise<StoredLabel[]> {
  const key = storeKeys.judgeLabels({ ...golden, metric });
  const stored = await store.get({ key });
  if (stored === null) return [];
  const lines = Buffer.from(stored.body).toString('utf8').split('\n');
  return lines.flatMap((line, index) => (line === '' ? [] : [readLine({ line, where: `${key}, line ${index + 1}` })]));
}

function readLine({ line, where }: { line: string; where: string }): StoredLabel {
  try {
    const read = storedLabelSchema.safeParse(JSON.parse(line));
    if (read.success) return read.data;
    const problems = read.error.issues.map((one) => `${one.path.join('.')}: ${one.message}`);
    throw new PortError('InvalidInput', `${where}: ${problems.join('; ')}`);
  } catch (error) {
    if (error instanceof PortError) throw error;
    throw new PortError('InvalidInput', `${where}: expected JSON (${(error as Error).message})`);
  }
}

/**
 * Adds labels to those that are there; the later label of one person on the same answer replaces the earlier.
 * @throws PortError `Conflict` where somebody else wrote at the same time.
 */
export async function saveLabels({
  store,
  golden,
  metric,
  labels,
}: LabelPlace & {
  store: Pick<ArtifactStore, 'get' | 'compareAndSet'>;
  labels: readonly StoredLabel[];
}): Promise<void> {
  const key = storeKeys.judgeLabels({ ...golden, metric });
  const before = await store.get({ key });
  const known = await loadLabels({ store, golden, metric });
  const kept = new Map([...known, ...labels].map((one) => [`${one.id} ${one.answerDigest} ${one.by}`, one]));
  const body = jsonLines([...kept.values()]);
  const written = await store.compareAndSet({ key, body, expected: before?.version ?? null });
  if (written === null) throw new PortError('Conflict', `${key} was written by somebody else meanwhile; try again`);
}

/** The labels that are of an arm's own answers; where several people labelled one, their mean. */
export function labelsOfArm({
  labels,
  arm,
  answers,
}: {
  labels: readonly StoredLabel[];
  arm: LabelledScore['arm'];
  answers: readonly { id: string; answer: string | null }[];
}): LabelledScore[] {
  const byAnswer = new Map<string, number[]>();
  for (const { id, answerDigest, score } of labels) {
    const key = `${id} ${answerDigest}`;
    byAnswer.set(key, [...(byAnswer.get(key) ?? []), score]);
  }
  return answers.flatMap(({ id, answer }) => {
    const scores = answer === null ? undefined : byAnswer.get(`${id} ${answerDigestOf(answer)}`);
    return scores === undefined
      ? []
      : [{ id, arm, score: scores.reduce((sum, score) => sum + score, 0) / scores.length }];
  });
}
