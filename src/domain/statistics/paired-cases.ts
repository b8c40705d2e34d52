import { z } from 'zod';
import type { ClusterSums } from './cluster-bootstrap.js';

/** A score as files carry it: yes/no counts as 1/0; null, NaN and infinities are unmeasured. */
const scoreSchema = z.preprocess((value) => {
  if (typeof value === 'boolean') return Number(value);
  if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return null;
  return typeof value === 'string' && /^[+-]?(nan|inf(inity)?)$/i.test(value.trim()) ? null : value;
}, z.number().nullable());

const keySchema = z.union([z.string().min(1), z.number()]).transform(String);

/** One case's score on one arm. Cases of the same `cluster` (customer, product, document) belong together. */
export const scoredCaseSchema = z.object({ id: keySchema, cluster: keySchema.nullish(), score: scoreSchema });
export interface ScoredCase {
  id: string;
  cluster?: string | null | undefined;
  score: number | null;
}

export interface Pair {
  id: string;
  cluster: string;
  champion: number;
  challenger: number;
}

export interface Unmeasured {
  id: string;
  reason: string;
}

export interface PairedCases {
  /** In order of cluster and id, so that the order of the files changes no bit of a result. */
  pairs: Pair[];
  unmeasured: Unmeasured[];
  /** Whether any two cases share a cluster. */
  clustered: boolean;
}

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function indexById(rows: readonly ScoredCase[], arm: string): Map<string, ScoredCase> {
  const index = new Map<string, ScoredCase>();
  for (const row of rows) {
    if (index.has(row.id))
      throw new RangeError(`${arm}: case ${row.id} is there twice, expected each id once; remove one of the rows`);
    index.set(row.id, row);
  }
  return index;
}

const isMeasured = (row: ScoredCase | undefined): row is ScoredCase & { score: number } =>
  row !== undefined && row.score !== null && Number.isFinite(row.score);

function whyUnmeasured(champion: ScoredCase | undefined, challenger: ScoredCase | undefined): string {
  if (!champion) return 'the champion has no row for it';
  if (!challenger) return 'the challenger has no row for it';
  const arms = [champion, challenger].map(isMeasured);
  if (!arms[0] && !arms[1]) return 'neither arm has a score';
  return arms[0] ? 'the challenger has no score' : 'the champion has no score';
}

/** The cluster of a case; a case without one is a cluster of its own, which no name can collide with. */
export const clusterOf = (row: ScoredCase): string => row.cluster ?? `\u0000${row.id}`;

/**
 * Joins both arms by case id. A case that either arm lacks, or that has no finite score, is unmeasured and named.
 * @throws RangeError when an id appears twice in an arm, or its cluster differs between the arms.
 */
export function pairCases({
  champion,
  challenger,
}: {
  champion: readonly ScoredCase[];
  challenger: readonly ScoredCase[];
}): PairedCases {
  const left = indexById(champion, 'champion');
  const right = indexById(challenger, 'challenger');
  const pairs: Pair[] = [];
  const unmeasured: Unmeasured[] = [];
  for (const id of [...new Set([...left.keys(), ...right.keys()])].sort(byCodeUnits)) {
    const a = left.get(id);
    const b = right.get(id);
    if (a?.cluster && b?.cluster && a.cluster !== b.cluster)
      throw new RangeError(
        `case ${id}: cluster is "${a.cluster}" in champion and "${b.cluster}" in challenger, expected the same`,
      );
    if (isMeasured(a) && isMeasured(b))
      pairs.push({ id, cluster: clusterOf(a.cluster ? a : b), champion: a.score, challenger: b.score });
    else unmeasured.push({ id, reason: whyUnmeasured(a, b) });
  }
  pairs.sort((one, other) => byCodeUnits(one.cluster, other.cluster) || byCodeUnits(one.id, other.id));
  return { pairs, unmeasured, clustered: new Set(pairs.map((pair) => pair.cluster)).size < pairs.length };
}

/** Sums values by cluster, clusters in order of their first case; `squares` is the sum of all values' squares. */
export function sumByCluster(cases: readonly { cluster: string; value: number }[]): ClusterSums & { squares: number } {
  const totals = new Map<string, { sum: number; size: number }>();
  let squares = 0;
  for (const { cluster, value } of cases) {
    const total = totals.get(cluster) ?? { sum: 0, size: 0 };
    total.sum += value;
    total.size += 1;
    totals.set(cluster, total);
    squares += value * value;
  }
  const all = [...totals.values()];
  return { sums: Float64Array.from(all, (one) => one.sum), sizes: Float64Array.from(all, (one) => one.size), squares };
}
