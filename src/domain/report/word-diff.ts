import { diffArrays } from 'diff';

/** A stretch of a text, and whether the other text has it too. */
export interface Stretch {
  text: string;
  same: boolean;
}

export interface WordDifference {
  before: Stretch[];
  after: Stretch[];
}

/** Texts that share next to nothing take long to compare, and marks all over them show nothing. */
const mostChanges = 1000;
const leastShared = 0.2;

/** Words, signs and blanks of any script, none lost. */
const piecesOf = (text: string): string[] =>
  Array.from(new Intl.Segmenter(undefined, { granularity: 'word' }).segment(text), ({ segment }) => segment);

/** What differs between two texts, word by word, each side whole. */
export function wordDifference({ before, after }: { before: string; after: string }): WordDifference {
  const changes = diffArrays(piecesOf(before), piecesOf(after), { maxEditLength: mostChanges });
  if (changes === undefined || sharedOf(changes) < leastShared)
    return { before: [{ text: before, same: true }], after: [{ text: after, same: true }] };
  const side = (other: 'added' | 'removed'): Stretch[] =>
    bridged(
      changes.flatMap((change) =>
        change[other] ? [] : [{ text: change.value.join(''), same: !change.added && !change.removed }],
      ),
    );
  return { before: side('added'), after: side('removed') };
}

/** How much of the longer text the other one has, in letters. */
function sharedOf(changes: readonly { value: string[]; added: boolean; removed: boolean }[]): number {
  const letters = (wanted: (change: { added: boolean; removed: boolean }) => boolean): number =>
    changes.filter(wanted).reduce((sum, { value }) => sum + value.join('').replaceAll(/[^\p{L}\p{N}]/gu, '').length, 0);
  const longer = Math.max(
    letters((one) => !one.added),
    letters((one) => !one.removed),
  );
  return longer === 0 ? 1 : letters((one) => !one.added && !one.removed) / longer;
}

/** A blank between two words that differ belongs to them: marked one by one, a new sentence would look like a list. */
const bridged = (stretches: readonly Stretch[]): Stretch[] =>
  stretches.reduce<Stretch[]>((before, stretch, index) => {
    const last = before.at(-1);
    const isBridge = stretch.same && stretch.text.trim() === '' && stretches[index + 1]?.same === false;
    const one = last?.same === false && isBridge ? { ...stretch, same: false } : stretch;
    return last?.same === one.same
      ? [...before.slice(0, -1), { ...last, text: last.text + one.text }]
      : [...before, one];
  }, []);
