import type { RectifiedCluster } from './rectified-bootstrap.js';
import { correlationWithin, type StudentError } from './unequal-clusters.js';

/** Sums over single cases that totals by cluster don't hold: of squares, and of label times judge. */
export interface RectifiedSquares {
  label: number;
  cross: number;
  judgeLabelled: number;
  judgeUnlabelled: number;
}

/** One of the two means that a rectified mean adds up: of label less weighted judge, or of the weighted judge alone. */
interface Part {
  sums: Float64Array;
  shares: Float64Array;
  sizes: Float64Array;
  cases: number;
  mean: number;
  variance: number;
  /** Correlation of two cases of one cluster, 0..1. */
  correlation: number;
}

/**
 * Standard error and degrees of freedom of a rectified mean whose clusters differ in size or in labels: a regression on
 * two indicators, labelled and not, whose coefficients are added; residuals corrected for what each cluster has pulled
 * both means towards itself (Bell and McCaffrey 2002), degrees by Satterthwaite under a model in which cases of a cluster
 * correlate as they do in these data (Imbens and Kolesár 2016, section 4). The judge's weight is taken as given.
 */
export function unequalLabels({
  clusters,
  squares,
  weight,
}: {
  clusters: readonly RectifiedCluster[];
  squares: RectifiedSquares;
  weight: number;
}): StudentError {
  const labelled = partOf({
    sums: Float64Array.from(clusters, (one) => one.label - weight * one.judgeLabelled),
    sizes: Float64Array.from(clusters, (one) => one.labelled),
    squares: squares.label - 2 * weight * squares.cross + weight * weight * squares.judgeLabelled,
  });
  const unlabelled = partOf({
    sums: Float64Array.from(clusters, (one) => weight * one.judgeUnlabelled),
    sizes: Float64Array.from(clusters, (one) => one.unlabelled),
    squares: weight * weight * squares.judgeUnlabelled,
  });
  const parts = [labelled, unlabelled];
  let variance = 0;
  for (const g of clusters.keys())
    variance += parts.reduce((sum, part) => sum + factorOf(part, g) * residualOf(part, g), 0) ** 2;
  return { standardError: Math.sqrt(variance), degrees: satterthwaite({ labelled, unlabelled }) };
}

const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
const residualOf = ({ sums, sizes, mean }: Part, g: number): number => sums[g]! - mean * sizes[g]!;

/** What a residual counts in the mean; a cluster that is its whole part has none. */
function factorOf({ shares, cases }: Part, g: number): number {
  if (cases === 0) return 0;
  return 1 / (cases * (shares[g]! < 1 ? Math.sqrt(1 - shares[g]!) : 1));
}

function partOf({ sums, sizes, squares }: Pick<Part, 'sums' | 'sizes'> & { squares: number }): Part {
  const cases = total(sizes);
  if (cases === 0) return { sums, sizes, shares: sizes, cases, mean: 0, variance: 0, correlation: 0 };
  const mean = total(sums) / cases;
  const there = [...sizes.keys()].filter((g) => sizes[g]! > 0);
  const known = { sums: sums.filter((_, g) => sizes[g]! > 0), sizes: sizes.filter((size) => size > 0), squares, mean };
  const correlation = there.length < 2 ? 1 : correlationWithin(known);
  const shares = sizes.map((size) => size / cases);
  return { sums, sizes, shares, cases, mean, variance: Math.max(0, squares / cases - mean * mean), correlation };
}

/** Variance of a cluster's total under the model. */
const varianceOf = ({ sizes, variance, correlation }: Part, g: number): number =>
  variance * sizes[g]! * (1 - correlation + sizes[g]! * correlation);

/** Covariance of a labelled and an unlabelled case of one cluster, within what their own correlations allow. */
function covarianceBetween(one: Part, other: Part): number {
  let [seen, pairs] = [0, 0];
  for (const g of one.sizes.keys()) {
    seen += residualOf(one, g) * residualOf(other, g);
    pairs += one.sizes[g]! * other.sizes[g]!;
  }
  const most = Math.sqrt(one.variance * one.correlation * other.variance * other.correlation);
  return pairs === 0 ? 0 : Math.min(most, Math.max(-most, seen / pairs));
}

/**
 * (tr C)^2 / tr(C^2), C being the covariance of the corrected residuals: a diagonal and, since both means are taken off,
 * `U M U'` of rank four, so that its traces are sums over clusters.
 */
function satterthwaite({ labelled, unlabelled }: { labelled: Part; unlabelled: Part }): number {
  const shared = covarianceBetween(labelled, unlabelled);
  const inner = [0, 1, 2, 3].map(() => [0, 0, 0, 0]);
  const plain = [0, 1, 2, 3].map(() => [0, 0, 0, 0]);
  const weighted = [0, 1, 2, 3].map(() => [0, 0, 0, 0]);
  let [trace, ofSquare] = [0, 0];
  inner[0]![2] = inner[2]![0] = inner[1]![3] = inner[3]![1] = -1;
  for (const g of labelled.sizes.keys()) {
    const [a, b] = [factorOf(labelled, g), factorOf(unlabelled, g)];
    const [ours, theirs] = [varianceOf(labelled, g), varianceOf(unlabelled, g)];
    const both = shared * labelled.sizes[g]! * unlabelled.sizes[g]!;
    inner[0]![0]! += ours;
    inner[1]![1]! += theirs;
    inner[0]![1]! += both;
    inner[1]![0]! += both;
    const row = [a * labelled.shares[g]!, b * unlabelled.shares[g]!, a * ours + b * both, a * both + b * theirs];
    const diagonal = a * a * ours + 2 * a * b * both + b * b * theirs;
    trace += diagonal;
    ofSquare += diagonal * diagonal;
    for (const [i, x] of row.entries())
      for (const [j, y] of row.entries()) {
        plain[i]![j]! += x * y;
        weighted[i]![j]! += diagonal * x * y;
      }
  }
  const spread = product(inner, plain);
  trace += traceOf(spread);
  ofSquare += 2 * traceOf(product(inner, weighted)) + traceOf(product(spread, spread));
  return (trace * trace) / ofSquare;
}

const product = (one: readonly number[][], other: readonly number[][]): number[][] =>
  one.map((row) => row.map((_, j) => row.reduce((sum, value, k) => sum + value * other[k]![j]!, 0)));
const traceOf = (matrix: readonly number[][]): number => matrix.reduce((sum, row, i) => sum + row[i]!, 0);
