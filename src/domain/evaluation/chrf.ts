import { scored, unitRange, unmeasured, type Scorer } from './scorer.js';

const longestRun = 6;
/** Recall counts twice as much as precision. */
const beta = 2;

const withoutBlanks = (text: string): string[] => [...text.normalize('NFC').replace(/\s+/gu, '')];

/** Gives each thing a number, the same thing the same one. */
function numbering<T>(): { of: (thing: T) => number; size: () => number } {
  const known = new Map<T, number>();
  return {
    of: (thing) => {
      const number = known.get(thing) ?? known.size;
      known.set(thing, number);
      return number;
    },
    size: () => known.size,
  };
}

/** How many runs two texts share, each as often as the rarer side has it; a run is given by its number. */
function sharedRuns({
  ours,
  theirs,
  size,
}: {
  ours: readonly number[];
  theirs: readonly number[];
  size: number;
}): number {
  const left = new Uint32Array(size);
  for (const run of theirs) left[run]! += 1;
  let shared = 0;
  for (const run of ours) {
    if (left[run] === 0) continue;
    left[run]! -= 1;
    shared += 1;
  }
  return shared;
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
    const texts = [withoutBlanks(answer), withoutBlanks(reference)] as const;
    if (texts[1].length === 0) return unmeasured('the reference has no character to compare with');
    const characters = numbering<string>();
    const numbered = texts.map((text) => text.map(characters.of));
    // Orders that either text is too short for say nothing.
    const orders = Math.min(longestRun, texts[0].length, texts[1].length);
    let [ours, theirs] = numbered as [number[], number[]];
    let [precision, recall, distinct] = [0, 0, characters.size()];
    for (let order = 1; order <= orders; order += 1) {
      if (order > 1) {
        // A run is the run that is one shorter and the character behind it.
        const runs = numbering<number>();
        const longer = (shorter: readonly number[], text: readonly number[]): number[] =>
          shorter
            .slice(0, text.length - order + 1)
            .map((run, start) => runs.of(run * characters.size() + text[start + order - 1]!));
        [ours, theirs] = [longer(ours, numbered[0]!), longer(theirs, numbered[1]!)];
        distinct = runs.size();
      }
      const shared = sharedRuns({ ours, theirs, size: distinct });
      precision += shared / ours.length / orders;
      recall += shared / theirs.length / orders;
    }
    const weight = beta ** 2;
    const score = precision + recall === 0 ? 0 : ((1 + weight) * precision * recall) / (weight * precision + recall);
    return scored(Math.min(1, score), { precision, recall });
  },
};
