import { canonicalJson } from '../../release/evidence.js';
import { isOfPairs } from './judged-metrics.js';

interface Given {
  id: string;
  answer: string | null;
}

/** What a label is of: an answer, or an answer together with the one that it was held against. */
export const labelledText = ({ answer, other }: { answer: string; other: string | null }): string =>
  other === null ? answer : canonicalJson([answer, other]);

/** A label as it is stored: one of a pair counts whichever of the two is asked about. */
export const labelledBothWays = ({
  answer,
  other,
  score,
}: {
  answer: string;
  other: string | null;
  score: number;
}): { text: string; score: number }[] => [
  { text: labelledText({ answer, other }), score },
  ...(other === null ? [] : [{ text: labelledText({ answer: other, other: answer }), score: 1 - score }]),
];

const arms = ['challenger', 'champion'] as const;

/** Whose labels count: what is said of a pair is said of both its answers, so that the champion's would count it twice. */
export const labelledArms = (metric: string): readonly (typeof arms)[number][] =>
  isOfPairs(metric) ? ['challenger'] : arms;

/** What labels of a metric may be of, by arm: each answer, or for a metric of pairs each with the other arm's. */
export function labelledTexts({
  metric,
  challenger,
  champion,
}: {
  metric: string;
  challenger: readonly Given[];
  champion: readonly Given[] | null;
}): { challenger: Given[]; champion: Given[] } {
  const plain = { challenger: [...challenger], champion: [...(champion ?? [])] };
  if (!isOfPairs(metric)) return plain;
  return {
    challenger: beside({ answers: plain.challenger, others: plain.champion }),
    champion: beside({ answers: plain.champion, others: plain.challenger }),
  };
}

function beside({ answers, others }: { answers: readonly Given[]; others: readonly Given[] }): Given[] {
  const otherOf = new Map(others.map(({ id, answer }) => [id, answer]));
  return answers.map(({ id, answer }) => {
    const other = otherOf.get(id) ?? null;
    return { id, answer: answer === null || other === null ? null : labelledText({ answer, other }) };
  });
}
