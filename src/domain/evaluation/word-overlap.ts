import { answerWords, sameAnswer, sharedWords } from './words.js';

export interface WordOverlap {
  precision: number;
  recall: number;
  f1: number;
  shared: number;
  answerWords: number;
  referenceWords: number;
}

/**
 * Overlap of the words of answer and reference, as SQuAD counts it: words as often as they come; without any word on one
 * side all three are 1 where both sides are empty or the same signs, else 0.
 */
export function wordOverlap({ answer, reference }: { answer: string; reference: string }): WordOverlap {
  const [ours, theirs] = [answerWords(answer), answerWords(reference)];
  const sizes = { answerWords: ours.length, referenceWords: theirs.length };
  if (ours.length === 0 || theirs.length === 0) {
    const same = Number(sameAnswer({ one: answer, other: reference }));
    return { precision: same, recall: same, f1: same, shared: 0, ...sizes };
  }
  const shared = sharedWords(ours, theirs);
  const precision = shared / ours.length;
  const recall = shared / theirs.length;
  return {
    precision,
    recall,
    f1: shared === 0 ? 0 : (2 * precision * recall) / (precision + recall),
    shared,
    ...sizes,
  };
}
