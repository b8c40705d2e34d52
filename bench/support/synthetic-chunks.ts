import type { ChunkPoint } from '../../src/activities/vector-store-port.js';
import { chunkId } from '../../src/domain/retrieval/chunk-id.js';
import { seededRandom, type SeededRandom } from '../../src/domain/statistics/random.js';

const dimension = 384;
const subjects = 400;
/** How far a text lies from its subject: cosines of some 0.6, as between passages on one thing. */
const spread = 0.055;
const wordsKnown = 5000;
const wordsEach = 60;

const normal = (random: SeededRandom): number =>
  Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());

function unit(values: Float32Array): Float32Array {
  const norm = Math.hypot(...values);
  return values.map((value) => value / norm);
}

const centres = (() => {
  const random = seededRandom(1);
  return Array.from({ length: subjects }, () => unit(Float32Array.from({ length: dimension }, () => normal(random))));
})();

/** Chunks `from` to `from + count` of an endless seeded row: vectors around subjects, words of a skewed vocabulary. */
export function syntheticChunks({ from, count }: { from: number; count: number }): ChunkPoint[] {
  return Array.from({ length: count }, (_, index) => {
    const at = from + index;
    const random = seededRandom(at + 1000);
    const centre = centres[random.index(subjects)]!;
    const vector = unit(centre.map((value) => value + spread * normal(random)));
    const word = (): string => `w${Math.floor(random.uniform() * random.uniform() * wordsKnown)}`;
    const text = Array.from({ length: wordsEach }, word).join(' ');
    const place = { document: `d${at}`, version: 'v1', start: 0, end: text.length };
    const chunk = { id: chunkId(place), ...place, headings: [], text, fields: { shelf: at % 100 } };
    return { chunk, vector };
  });
}
