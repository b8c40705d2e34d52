import { plainWords } from '../../evaluation/words.js';
import type { ObservedPair } from './observe-pair.js';
import type { ShadowRow } from './shadow-row.js';

/** In which way the answers of a pair disagree, the first that holds. */
export const disagreementKinds = [
  'the challenger failed',
  'the challenger answered nothing',
  'only the challenger refused',
  'only the champion refused',
  'the judge prefers the champion',
  'the judge prefers the challenger',
  'the answers share few words',
] as const;
export type DisagreementKind = (typeof disagreementKinds)[number];

const fewWords = 0.3;

/** Null where both answers say about the same. */
export function disagreementOf({ champion, challenger, similarity, preference }: ShadowRow): DisagreementKind | null {
  if (challenger.error !== null) return 'the challenger failed';
  if (challenger.empty && !champion.empty) return 'the challenger answered nothing';
  if (challenger.refused && !champion.refused) return 'only the challenger refused';
  if (champion.refused && !challenger.refused) return 'only the champion refused';
  if (preference !== null && preference < 0.5) return 'the judge prefers the champion';
  if (preference !== null && preference > 0.5) return 'the judge prefers the challenger';
  return similarity !== null && similarity < fewWords ? 'the answers share few words' : null;
}

export interface DisagreeingPair {
  id: string;
  kind: DisagreementKind;
  question: string;
  championAnswer: string;
  /** Null where it failed. */
  challengerAnswer: string | null;
}

export const disagreeingPair = ({ pair, row }: { pair: ObservedPair; row: ShadowRow }): DisagreeingPair | null => {
  const kind = disagreementOf(row);
  const { id, request, champion, challenger } = pair;
  return (
    kind && {
      id,
      kind,
      question: request.query,
      championAnswer: champion.answer,
      challengerAnswer: 'error' in challenger ? null : challenger.answer,
    }
  );
};

/** Pairs that disagree in the same way about questions with the same words. */
export interface DisagreementCluster {
  kind: DisagreementKind;
  /** Words that its questions share, the most telling first. */
  words: string[];
  pairs: number;
  examples: DisagreeingPair[];
}

const joinAt = 0.25;
const shownWords = 4;
const shownExamples = 10;

type Weights = Map<string, number>;

function cosine(one: Weights, other: Weights): number {
  const [small, large] = one.size <= other.size ? [one, other] : [other, one];
  let dot = 0;
  for (const [word, weight] of small) dot += weight * (large.get(word) ?? 0);
  return dot / (normOf(one) * normOf(other) || 1);
}

const normOf = (weights: Weights): number =>
  Math.sqrt([...weights.values()].reduce((sum, weight) => sum + weight * weight, 0));

/** Words of a question, each once, weighed by how few questions have it (inverse document frequency, Sparck Jones 1972). */
function weigh(questions: readonly string[]): Weights[] {
  const words = questions.map((question) => new Set(plainWords(question)));
  const inHowMany = new Map<string, number>();
  for (const one of words) for (const word of one) inHowMany.set(word, (inHowMany.get(word) ?? 0) + 1);
  return words.map(
    (one) => new Map([...one].map((word) => [word, Math.log(1 + questions.length / inHowMany.get(word)!)])),
  );
}

/**
 * Disagreements by kind and by the words of their questions, largest first: each pair joins the most alike cluster of its
 * kind, or begins one (leader clustering, Hartigan 1975). Ten examples in all, one a cluster in turn.
 */
export function clusterDisagreements(pairs: readonly DisagreeingPair[]): DisagreementCluster[] {
  const weights = weigh(pairs.map(({ question }) => question));
  const clusters: { kind: DisagreementKind; sum: Weights; members: DisagreeingPair[] }[] = [];
  for (const [index, pair] of pairs.entries()) {
    const own = weights[index]!;
    let best: { likeness: number; cluster: (typeof clusters)[number] } | null = null;
    for (const cluster of clusters) {
      if (cluster.kind !== pair.kind) continue;
      const likeness = cosine(own, cluster.sum);
      if (likeness >= joinAt && (best === null || likeness > best.likeness)) best = { likeness, cluster };
    }
    if (best === null) {
      clusters.push({ kind: pair.kind, sum: new Map(own), members: [pair] });
      continue;
    }
    best.cluster.members.push(pair);
    for (const [word, weight] of own) best.cluster.sum.set(word, (best.cluster.sum.get(word) ?? 0) + weight);
  }
  const largestFirst = clusters.toSorted((one, other) => other.members.length - one.members.length);
  return spreadExamples(
    largestFirst.map(({ kind, sum, members }) => ({
      kind,
      words: [...sum]
        .toSorted((one, other) => other[1] - one[1] || other[0].length - one[0].length || (one[0] < other[0] ? -1 : 1))
        .slice(0, shownWords)
        .map(([word]) => word),
      pairs: members.length,
      examples: members,
    })),
  );
}

/** One example of each cluster in turn, largest first, until there are ten. */
function spreadExamples(clusters: readonly DisagreementCluster[]): DisagreementCluster[] {
  const shown = clusters.map(() => 0);
  let left = shownExamples;
  for (let turn = 0; left > 0 && clusters.some((one) => one.examples.length > turn); turn += 1)
    for (const [index, { examples }] of clusters.entries())
      if (left > 0 && examples.length > turn) {
        shown[index]! += 1;
        left -= 1;
      }
  return clusters.map((one, index) => ({ ...one, examples: one.examples.slice(0, shown[index]) }));
}
