import { bleuCounts, bleuOrders, bleuScore, bleuWords } from './bleu-statistics.js';
import { scored, unitRange, unmeasured, type Score, type SetScorer } from './scorer.js';

/** The two answers that have most of a run of words; without the first, the second counts. */
interface MostOf {
  first: number;
  owner: number;
  second: number;
}

function mostByRun(counts: readonly Map<string, number>[]): Map<string, MostOf> {
  const most = new Map<string, MostOf>();
  for (const [owner, runs] of counts.entries())
    for (const [run, count] of runs) {
      const known = most.get(run);
      if (!known) most.set(run, { first: count, owner, second: 0 });
      else if (count > known.first) most.set(run, { first: count, owner, second: known.first });
      else if (count > known.second) known.second = count;
    }
  return most;
}

/** The length closest to an answer's own among the others; of two as close, the shorter. */
function closestLength({ sorted, own }: { sorted: readonly number[]; own: number }): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < own) low = middle + 1;
    else high = middle;
  }
  // The answer's own length stands at `low`; another of the same length stands behind it.
  const [before, behind] = [sorted[low - 1] ?? -Infinity, sorted[low + 1] ?? Infinity];
  return own - before <= behind - own ? before : behind;
}

/**
 * Self-BLEU (Zhu et al. 2018): each answer's BLEU against all other answers of its arm. It rises when a model gives
 * everybody the same answer. It depends on how many answers there are, so only arms that answered the same cases can be
 * compared. Time and memory grow with the words, not with the pairs.
 */
export const selfBleu: SetScorer = {
  metric: 'selfBleu',
  better: 'lower',
  range: unitRange,
  needs: [],
  scoreSet: ({ answers }) => {
    const words = answers.map((answer) => (answer === null ? [] : bleuWords(answer)));
    const measured = [...words.keys()].filter((index) => words[index]!.length > 0);
    const scores: Score[] = answers.map((answer) =>
      unmeasured(answer === null ? 'the case has no answer' : 'the answer has no word'),
    );
    if (measured.length < 2) {
      for (const index of measured) scores[index] = unmeasured('no other answer to compare with');
      return scores;
    }
    const counts = measured.map((index) => bleuCounts(words[index]!));
    const most = bleuOrders.map((_, order) => mostByRun(counts.map((one) => one[order]!)));
    const sorted = measured.map((index) => words[index]!.length).sort((a, b) => a - b);
    for (const [place, index] of measured.entries()) {
      const answerWords = words[index]!.length;
      const correct = counts[place]!.map((runs, order) =>
        [...runs].reduce((sum, [run, count]) => {
          const { first, owner, second } = most[order]!.get(run)!;
          return sum + Math.min(count, owner === place ? second : first);
        }, 0),
      );
      const total = bleuOrders.map((size) => Math.max(0, answerWords - size + 1));
      const referenceWords = closestLength({ sorted, own: answerWords });
      const { score } = bleuScore({ correct, total, answerWords, referenceWords });
      scores[index] = scored(score, { others: measured.length - 1 });
    }
    return scores;
  },
};
