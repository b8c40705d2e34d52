import { seededRandom } from '../../src/domain/statistics/random.js';

const vocabularySize = 30_000;
const syllables = ['ba', 'co', 'di', 'fu', 'ga', 'hel', 'ir', 'jo', 'ka', 'lem', 'mo', 'na', 'ori', 'pa', 'qui', 'ro'];

const wordOf = (rank: number): string =>
  rank < syllables.length ? syllables[rank]! : wordOf(Math.floor(rank / syllables.length) - 1) + syllables[rank % 16]!;

/**
 * Made-up reviews of 10 to 110 words (60 in the mean, as real ones of clothes have), words drawn by Zipf's law. A tenth
 * are copies of earlier ones with one to three words changed, and one in fifty is word for word the same.
 */
export function* reviewTexts({ rows, seed }: { rows: number; seed: number }): Generator<string> {
  const random = seededRandom(seed);
  const vocabulary = Array.from({ length: vocabularySize }, (_, rank) => wordOf(rank));
  const word = (): string => vocabulary[Math.floor(vocabularySize ** random.uniform()) - 1]!;
  const recent: string[][] = [];
  for (let row = 0; row < rows; row += 1) {
    const draw = random.uniform();
    const source = recent[random.index(Math.max(1, recent.length))];
    let words: string[];
    if (source === undefined || draw >= 0.12) words = Array.from({ length: 10 + random.index(101) }, word);
    else {
      words = [...source];
      const changes = draw < 0.1 ? 1 + random.index(3) : 0;
      for (let change = 0; change < changes; change += 1) words[random.index(words.length)] = word();
    }
    if (recent.length < 10_000) recent.push(words);
    else recent[random.index(recent.length)] = words;
    yield `${words.join(' ')}.`;
  }
}
