import { scored, unitRange, unmeasured, type Scorer } from './scorer.js';
import { countOf } from './sequences.js';

const orders = [1, 2, 3, 4, 5, 6] as const;
/** Recall counts twice as much as precision. */
const beta = 2;

const withoutBlanks = (text: string): string[] => [...text.normalize('NFC').replace(/\s+/gu, '')];

function runsOf({ characters, size }: { characters: readonly string[]; size: number }): Map<string, number> {
  const runs: string[] = [];
  for (let start = 0; start + size <= characters.length; start += 1)
    runs.push(characters.slice(start, start + size).join(''));
  return countOf(runs);
}

/**
 * chrF2, 0..1: the F-measure of runs of one to six characters, blanks left out, recall weighted twice (Popović 2015), as
 * sacrebleu computes it. It needs no words, so it is fair to compounds, inflection and scripts without spaces.
 */
export const chrf: Scorer = {
  metric: 'chrf',
  better: 'higher',
  range: unitRange,
  needs: ['reference'],
  score: ({ case: { reference }, answer }) => {
    const [ours, theirs] = [withoutBlanks(answer), withoutBlanks(reference)];
    if (theirs.length === 0) return unmeasured('the reference has no character to compare with');
    let [precision, recall] = [0, 0];
    // Orders that either text is too short for say nothing.
    const used = orders.filter((size) => size <= Math.min(ours.length, theirs.length));
    for (const size of used) {
      const wanted = runsOf({ characters: theirs, size });
      const shared = [...runsOf({ characters: ours, size })].reduce(
        (sum, [run, count]) => sum + Math.min(count, wanted.get(run) ?? 0),
        0,
      );
      precision += shared / (ours.length - size + 1) / used.length;
      recall += shared / (theirs.length - size + 1) / used.length;
    }
    const weight = beta ** 2;
    const score = precision + recall === 0 ? 0 : ((1 + weight) * precision * recall) / (weight * precision + recall);
    return scored(Math.min(1, score), { precision, recall });
  },
};
