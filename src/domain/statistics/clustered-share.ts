import { studentQuantile } from './distributions.js';
import { sumByCluster } from './paired-cases.js';

/** A share seen in clustered cases, with the number of independent cases that would know it as well. */
export interface ClusteredShare {
  share: number;
  n: number;
  clusters: number;
  effective: number;
}

/** So many clusters with a yes, and with a no, show how alike the cases of a cluster are. */
const enoughToSee = 10;

/**
 * Share of yes among clustered cases and its effective number (Korn and Graubard 1998): as many independent cases as
 * would have the linearised error, never more than there are, less for having few clusters. Where either answer is rare
 * the error is itself unknown; then a whole cluster counts as speaking with one voice (Kish 1965).
 * @throws RangeError without a case.
 */
export function clusteredShare({
  cases,
  alpha,
}: {
  cases: readonly { cluster: string; yes: boolean }[];
  alpha: number;
}): ClusteredShare {
  const n = cases.length;
  if (n === 0) throw new RangeError('share of no cases: expected at least one case with a yes or a no');
  const { sums, sizes } = sumByCluster(cases.map(({ cluster, yes }) => ({ cluster, value: Number(yes) })));
  const clusters = sums.length;
  const share = sums.reduce((sum, one) => sum + one, 0) / n;
  const kish = (n * n) / sizes.reduce((sum, size) => sum + size * size, 0);
  if (clusters < 2) return { share, n, clusters, effective: kish };
  const seen = new Set([...sums.keys()].filter((g) => sums[g]! > 0)).size;
  const unseen = [...sums.keys()].filter((g) => sums[g]! < sizes[g]!).length;
  const squares = sums.reduce((sum, one, g) => sum + (one - share * sizes[g]!) ** 2, 0);
  const variance = ((clusters / (clusters - 1)) * squares) / (n * n);
  const independent =
    Math.min(seen, unseen) < enoughToSee || variance === 0 ? kish : Math.min(n, (share * (1 - share)) / variance);
  const p = 1 - alpha / 2;
  const few = studentQuantile({ p, degrees: n - 1 }) / studentQuantile({ p, degrees: clusters - 1 });
  return { share, n, clusters, effective: independent * few * few };
}
