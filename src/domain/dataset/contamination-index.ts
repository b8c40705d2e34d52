import { DataProblem } from './data-problem.js';
import type { GoldenCase } from './golden.js';
import { createShingler } from './near-duplicates/shingles.js';
import { mixed } from './near-duplicates/text-key.js';
import { createWordScanner, type ScannedText } from './near-duplicates/word-scanner.js';

/** Words a run must share to count as copied, the size that published decontamination of test sets settled near. */
const gramSize = 8;
const shingleSize = 3;
const filterBits = 1 << 21;

export interface Overlap {
  caseId: string;
  /** 0..1; 1 is a whole golden question, or a text that stands in one as a whole. */
  overlap: number;
  by: 'ngram' | 'nearDuplicate';
}

/** A row that was taken out for a golden case; `overlap` of an embedding is the cosine similarity. */
export interface Leak {
  row: number;
  caseId: string;
  overlap: number;
  by: Overlap['by'] | 'embedding';
}

export interface ContaminationIndex {
  /** The golden case that a row's texts hold most of, and how much; null where they share nothing. */
  overlap: (row: { texts: readonly string[] }) => Overlap | null;
}

/** Numbers by hash, behind a bit filter: nearly all of a training set's runs stand in no golden case. */
class Postings {
  readonly #byHash = new Map<number, number[]>();
  readonly #filter = new Uint32Array(filterBits / 32);

  add({ hash, entry }: { hash: number; entry: number }): void {
    const bit = hash % filterBits;
    this.#filter[bit >>> 5]! |= 1 << (bit & 31);
    const known = this.#byHash.get(hash);
    if (known === undefined) this.#byHash.set(hash, [entry]);
    else if (!known.includes(entry)) known.push(entry);
  }

  of(hash: number): readonly number[] {
    const bit = hash % filterBits;
    if ((this.#filter[bit >>> 5]! & (1 << (bit & 31))) === 0) return [];
    return this.#byHash.get(hash) ?? [];
  }
}

/** 53 bits for the 8 words from `start` on. */
function gramHash({ words, start }: { words: Int32Array; start: number }): number {
  let high = gramSize;
  let low = 0;
  for (let at = start; at < start + gramSize; at += 1) {
    high = Math.imul(high ^ words[at]!, 0x9e3779b1);
    high ^= high >>> 15;
    low = mixed(Math.imul(low, 31) + words[at]!);
  }
  return (mixed(high) >>> 11) * 2 ** 32 + (low >>> 0);
}

function gramsOf({ words, count }: ScannedText): number[] {
  const grams: number[] = [];
  for (let start = 0; start + gramSize <= count; start += 1) grams.push(gramHash({ words, start }));
  return grams;
}

interface IndexedCase {
  id: string;
  inputGrams: number;
  referenceGrams: number;
  shingles: number;
}

const share = ({ seen, of }: { seen: number; of: number }): number => (of === 0 ? 0 : seen / of);

/**
 * Holds golden cases against rows. By runs of 8 words, a row's overlap with a case is the most of
 * - the share of the runs of the case's question that stand in the row,
 * - the mean of that and the same share of the reference, and
 * - the share of the runs of one of the row's texts that stand in the case's question (a review that is part of one).
 * By near-duplicate it is the Jaccard similarity of the word 3-shingles of the question and one of the row's texts,
 * exact, so that the same question in other punctuation is 1 however short it is. A verbatim answer alone is no leak: a
 * support desk gives one answer to many questions, and learning it is the point.
 */
export function createContaminationIndex({
  golden,
}: {
  golden: readonly Pick<GoldenCase, 'id' | 'input' | 'reference'>[];
}): ContaminationIndex {
  const scanner = createWordScanner();
  const shinglesOf = createShingler({ size: shingleSize });
  const grams = { input: new Postings(), reference: new Postings() };
  const shingles = new Postings();
  const cases = golden.map(({ id, input, reference }, position): IndexedCase => {
    const indexed = (text: string, postings: Postings): number => {
      const distinct = new Set(gramsOf(scanner.scan(text)));
      for (const hash of distinct) postings.add({ hash, entry: position });
      return distinct.size;
    };
    const referenceGrams = indexed(reference, grams.reference);
    const inputGrams = indexed(input, grams.input);
    const members = shinglesOf(scanner.scan(input));
    for (const hash of members) shingles.add({ hash, entry: position });
    return { id, inputGrams, referenceGrams, shingles: members.length };
  });

  function nearest(text: ScannedText): Overlap[] {
    const members = shinglesOf(text);
    const shared = new Map<number, number>();
    for (const hash of members) for (const one of shingles.of(hash)) shared.set(one, (shared.get(one) ?? 0) + 1);
    return Array.from(shared, ([position, count]) => {
      const { id, shingles: size } = cases[position]!;
      return { caseId: id, overlap: count / (members.length + size - count), by: 'nearDuplicate' };
    });
  }

  function counted(hits: Map<number, Set<number>>, hash: number, postings: Postings): void {
    for (const one of postings.of(hash)) {
      const known = hits.get(one);
      if (known === undefined) hits.set(one, new Set([hash]));
      else known.add(hash);
    }
  }

  return {
    overlap: ({ texts }) => {
      const found: Overlap[] = [];
      const asked = new Map<number, Set<number>>();
      const answered = new Map<number, Set<number>>();
      for (const text of texts) {
        const scanned = scanner.scan(text);
        const runs = Math.max(0, scanned.count - gramSize + 1);
        const within = new Map<number, number>();
        for (let start = 0; start < runs; start += 1) {
          const hash = gramHash({ words: scanned.words, start });
          for (const one of grams.input.of(hash)) within.set(one, (within.get(one) ?? 0) + 1);
          counted(asked, hash, grams.input);
          counted(answered, hash, grams.reference);
        }
        for (const [one, count] of within)
          found.push({ caseId: cases[one]!.id, overlap: share({ seen: count, of: runs }), by: 'ngram' });
        found.push(...nearest(scanned));
      }
      for (const position of new Set([...asked.keys(), ...answered.keys()])) {
        const one = cases[position]!;
        const question = share({ seen: asked.get(position)?.size ?? 0, of: one.inputGrams });
        const answer = share({ seen: answered.get(position)?.size ?? 0, of: one.referenceGrams });
        found.push({ caseId: one.id, overlap: Math.max(question, (question + answer) / 2), by: 'ngram' });
      }
      return found.reduce<Overlap | null>(
        (worst, one) => (worst === null || one.overlap > worst.overlap ? one : worst),
        null,
      );
    },
  };
}

/** Cosine similarity of two vectors of one length; 0 where one of them is zero. */
function cosine(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let [product, ones, others] = [0, 0, 0];
  for (let index = 0; index < one.length; index += 1) {
    product += one[index]! * other[index]!;
    ones += one[index]! ** 2;
    others += other[index]! ** 2;
  }
  return ones === 0 || others === 0 ? 0 : product / Math.sqrt(ones * others);
}

/**
 * The golden case nearest to a text by cosine similarity of embeddings, for where an embedder is configured: it finds
 * paraphrases, which share no runs of words. The caller embeds question and row with the same model.
 * @returns null without cases
 */
export function nearestByEmbedding({
  vector,
  cases,
}: {
  vector: ArrayLike<number>;
  cases: readonly { id: string; vector: ArrayLike<number> }[];
}): { caseId: string; similarity: number } | null {
  let nearestCase: { caseId: string; similarity: number } | null = null;
  for (const one of cases) {
    const similarity = cosine(vector, one.vector);
    if (nearestCase === null || similarity > nearestCase.similarity) nearestCase = { caseId: one.id, similarity };
  }
  return nearestCase;
}

/**
 * Refuses a set of which more than `refuseOver` of the rows had to go.
 * @param leaks rows that were taken out
 * @param rows all rows that were looked at
 * @param refuseOver share in 0..1
 * @throws DataProblem with both shares and the first leaks
 */
export function refuseContaminated({
  leaks,
  rows,
  refuseOver,
}: {
  leaks: readonly Leak[];
  rows: number;
  refuseOver: number;
}): void {
  const removed = share({ seen: leaks.length, of: rows });
  if (removed <= refuseOver) return;
  const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;
  const examples = leaks.slice(0, 5).map((leak) => `row ${leak.row} and case ${leak.caseId}`);
  throw new DataProblem(
    'refused',
    `contamination: ${leaks.length} of ${rows} rows (${percent(removed)} > ${percent(refuseOver)}) hold golden cases: ` +
      `${examples.join('; ')}. Take the golden set's rows out of the source, or choose new golden cases; ` +
      'data.contamination.refuseOver is the limit',
  );
}
