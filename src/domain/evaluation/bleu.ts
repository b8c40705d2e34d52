import { bleuCounts, bleuScore, bleuWords } from './bleu-statistics.js';
import { scored, unitRange, unmeasured, type Scorer } from './scorer.js';

/**
 * Sentence BLEU (Papineni et al. 2002) as sacrebleu computes it, 0..1. The mean over cases is not corpus BLEU, which
 * adds up counts first; a paired comparison needs a score a case.
 */
export const bleu: Scorer = {
  metric: 'bleu',
  better: 'higher',
  range: unitRange,
  needs: ['reference'],
  score: ({ case: { reference }, answer }) => {
    const [ours, theirs] = [bleuWords(answer), bleuWords(reference)];
    if (theirs.length === 0) return unmeasured('the reference has no word to compare with');
    const wanted = bleuCounts(theirs);
    const counts = bleuCounts(ours);
    const correct = counts.map((runs, order) =>
      [...runs].reduce((sum, [run, count]) => sum + Math.min(count, wanted[order]!.get(run) ?? 0), 0),
    );
    const total = counts.map((_, order) => Math.max(0, ours.length - order));
    const { score, brevityPenalty } = bleuScore({
      correct,
      total,
      answerWords: ours.length,
      referenceWords: theirs.length,
    });
    return scored(score, { brevityPenalty, answerWords: ours.length, referenceWords: theirs.length });
  },
};
