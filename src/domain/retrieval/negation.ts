import { plainWords } from '../evaluation/words.js';
import { sentenceSpans } from './chunkers/sentences.js';

/** Words that deny, in the languages that the product knows. */
const denials = new Set(
  [
    'no not never none nobody nothing neither nor cannot without',
    'nicht kein keine keinen keinem keiner keines nie niemals nichts ohne',
    'ne pas jamais aucun aucune rien sans',
    'nunca ningún ninguna ninguno nada sin tampoco',
    'não nenhum nenhuma sem',
    'inte ingen inget inga aldrig utan',
    'non nessun nessuna nessuno senza',
    'niet geen nooit niets zonder',
  ].flatMap((words) => words.split(' ')),
);
const shortened =
  /\b(can|could|do|does|did|is|are|was|were|has|have|had|would|should|must|need|wo|sha|might)n?['’]t\b/giu;
/** How far a denial reaches, in words. */
const reach = 2;
/** Articles and the like stand behind many denials. */
const shortWord = 3;

/** Words that tell Portuguese from its neighbours; there "no" is "in the". */
const portuguese = new Set('não uma ao pelo pela você são'.split(' '));

function wordsOf(text: string): string[] {
  const words = plainWords(text.replace(shortened, '$1 not'));
  return words.some((word) => portuguese.has(word)) ? words.filter((word) => word !== 'no') : words;
}

/** The words that a text denies: those right behind a denial. */
const deniedIn = (words: readonly string[]): Set<string> =>
  new Set(words.flatMap((word, at) => (denials.has(word) ? words.slice(at + 1, at + 1 + reach) : [])));

/** The sentences and list items of a snippet. */
const partsOf = (snippet: string): string[] =>
  snippet
    .split('\n')
    .flatMap((line) => sentenceSpans({ text: line }).map(({ start, end }) => line.slice(start, end)))
    .filter((part) => part.trim() !== '');

/**
 * Whether a sentence says no where the part of the snippet that is nearest to it in words does not, or the other way
 * round: "the cutoff is not 14:00" shares all its words with "the cutoff is 14:00". It compares words, so that a denial
 * put into others escapes it.
 */
export function contradicts({ sentence, snippet }: { sentence: string; snippet: string }): boolean {
  const said = wordsOf(sentence);
  const known = new Set(said);
  let nearest: string[] = [];
  let most = 0;
  for (const part of partsOf(snippet)) {
    const words = wordsOf(part);
    const shared = new Set(words.filter((word) => known.has(word) && !denials.has(word))).size;
    if (shared <= most) continue;
    most = shared;
    nearest = words;
  }
  if (most === 0) return false;
  const denies = (words: readonly string[]): boolean => words.some((word) => denials.has(word));
  if (denies(said)) return !denies(nearest);
  const asserted = said.filter((word) => word.length > shortWord);
  return denies(nearest) && asserted.some((word) => deniedIn(nearest).has(word));
}
