import type { GoldenCase } from '../dataset/golden.js';
import { plainWords } from './words.js';

/** The tag that every case has without anybody writing it. */
export const lengthTag = 'length';

const parts = 3;

/**
 * Cases in three parts by the words of their question, as equal in number as equal lengths allow, each named by the
 * lengths it holds, such as `4 to 9 words`. A case with a tag `length` of its own keeps it.
 */
export function lengthSlices({
  cases,
}: {
  cases: readonly Pick<GoldenCase, 'id' | 'input' | 'tags'>[];
}): Map<string, string> {
  const counted = cases.map(({ id, input, tags }) => ({ id, own: tags[lengthTag], words: plainWords(input).length }));
  const sorted = counted.map(({ words }) => words).sort((a, b) => a - b);
  const ends = Array.from({ length: parts }, (_, part) => sorted[Math.ceil(((part + 1) * sorted.length) / parts) - 1]!);
  const partOf = (words: number): number => ends.findIndex((end) => words <= end);
  const names = ends.map((_, part) => {
    const within = sorted.filter((words) => partOf(words) === part);
    const [low, high] = [within[0], within.at(-1)];
    return low === high ? `${low} words` : `${low} to ${high} words`;
  });
  return new Map(counted.map(({ id, own, words }) => [id, own ?? names[partOf(words)]!]));
}
