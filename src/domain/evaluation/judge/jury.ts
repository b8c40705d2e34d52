import { scored, unmeasured, type Score } from '../scorer.js';
import { placeFavoured } from './single-call.js';

/**
 * One score out of several judges' (Verga et al. 2024): their median, which one odd judge can't move. `agreement` is
 * 1 less the mean distance between two judges as a share of the metric's range: 1 where all say the same. Under half
 * of the judges with a score there is no verdict of a jury.
 */
export function combineJury({
  scores,
  range,
}: {
  scores: readonly { model: string; score: Score }[];
  range: { low: number; high: number };
}): Score {
  const given = scores.flatMap(({ score }) => (score.score === null ? [] : [score.score]));
  if (given.length * 2 <= scores.length) {
    const reasons = scores.flatMap(({ model, score }) => (score.score === null ? [`${model}: ${score.reason}`] : []));
    return unmeasured(`${given.length} of ${scores.length} judges gave a score; ${reasons.join('; ')}`);
  }
  const said = scores.map(({ model, score }) => `${model} ${score.score ?? 'none'}`).join(', ');
  return scored(medianOf(given), {
    ...{ judges: given.length, agreement: agreementOf({ given, range }) },
    ...placesOf(scores.map(({ score }) => score.details)),
    said,
  });
}

function medianOf(values: readonly number[]): number {
  const ordered = values.toSorted((left, right) => left - right);
  const middle = (ordered.length - 1) / 2;
  return (ordered[Math.floor(middle)]! + ordered[Math.ceil(middle)]!) / 2;
}

/** What a jury of pairs says either way round, and the place that it favours; nothing of single answers. */
function placesOf(details: readonly Score['details'][]): Score['details'] {
  const said = details.flatMap(({ shownFirst: first, shownSecond: second }) =>
    typeof first === 'number' && typeof second === 'number' ? [{ first, second }] : [],
  );
  if (said.length === 0) return {};
  const shownFirst = medianOf(said.map(({ first }) => first));
  const shownSecond = medianOf(said.map(({ second }) => second));
  return { shownFirst, shownSecond, positionBias: placeFavoured({ shownFirst, shownSecond }) };
}

/** How far a jury agreed on a metric: the mean of its cases' agreement. */
export interface JuryAgreement {
  metric: string;
  /** Answers of both arms that several judges scored. */
  answers: number;
  agreement: number;
}

/** What several judges' scores say of their agreement, by metric; nothing of metrics that one judge scored. */
export function juryAgreements({
  rows,
}: {
  rows: readonly { metric: string; details: Score['details'] }[];
}): JuryAgreement[] {
  const sums = new Map<string, { answers: number; sum: number }>();
  for (const { metric, details } of rows) {
    const { agreement, judges } = details;
    if (typeof agreement !== 'number' || typeof judges !== 'number' || judges < 2) continue;
    const { answers, sum } = sums.get(metric) ?? { answers: 0, sum: 0 };
    sums.set(metric, { answers: answers + 1, sum: sum + agreement });
  }
  return [...sums].map(([metric, { answers, sum }]) => ({ metric, answers, agreement: sum / answers }));
}

function agreementOf({ given, range }: { given: readonly number[]; range: { low: number; high: number } }): number {
  if (given.length === 1) return 1;
  let distance = 0;
  given.forEach((one, index) => given.slice(index + 1).forEach((other) => (distance += Math.abs(one - other))));
  const pairs = (given.length * (given.length - 1)) / 2;
  return 1 - distance / pairs / (range.high - range.low);
}
