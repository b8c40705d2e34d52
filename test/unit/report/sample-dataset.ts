import { createProfile } from '../../../src/domain/dataset/column-profile/column-profile.js';
import type { Scalar } from '../../../src/domain/dataset/data-row.js';
import { type DatasetManifest, sealManifest } from '../../../src/domain/dataset/manifest.js';
import { seededRandom } from '../../../src/domain/statistics/random.js';

const sha256 = 'ab'.repeat(32);
const columns = ['review_id', 'created_at', 'star_rating', 'category', 'language', 'helpful_votes', 'text'];

/** A version of a data set of reviews whose ratings are drawn from `ratings`. */
export function sampleManifest({
  seed,
  rows,
  ratings,
  previous,
}: {
  seed: number;
  rows: number;
  ratings: number[];
  previous: string | null;
}): DatasetManifest {
  const random = seededRandom(seed);
  const builder = createProfile({ columns, unshown: [] });
  for (let row = 0; row < rows; row += 1) {
    const values: Record<string, Scalar> = {
      review_id: `R-${seed}-${row}`,
      created_at: `2026-0${1 + random.index(9)}-01T00:00:00.000Z`,
      star_rating: ratings[random.index(ratings.length)]!,
      category: random.index(9) === 0 ? null : ['Dresses', 'Tops', 'Bottoms'][random.index(3)]!,
      language: 'en',
      helpful_votes: Math.floor(40 * random.uniform() ** 4),
      text: 'x'.repeat(30 + random.index(400)),
    };
    builder.see({ values });
  }
  const file = { file: 'train.jsonl', sha256, bytes: 120_000, rows };
  return sealManifest({
    content: {
      version: 2,
      name: 'review-summaries',
      recipe: 'reviews',
      settingsDigest: sha256,
      pseudonyms: 'unkeyed',
      source: { kind: 'csv', sha256, bytes: 1_234_567, columns, window: null, outside: 0 },
      golden: { name: 'review-summaries', version: 'v1', sha256 },
      parents: [],
      schema: columns.map((name) => ({ name, type: name === 'created_at' ? 'time' : 'text' })),
      counts: {
        ...{ read: rows + 42, published: rows, train: rows - 100, validation: 100, replayed: 0, clusters: 55 },
        ...{
          normalised: 7,
          redacted: { EMAIL: 4, PHONE: 2 },
          deadLettered: { language: 2, nearDuplicate: 39, contaminated: 1 },
        },
      },
      funnel: [],
      contamination: {
        removeAt: 0.85,
        share: 1 / (rows + 1),
        removed: [{ row: 9, caseId: 'g-7', overlap: 0.9, by: 'nearDuplicate' }],
      },
      examples: [
        { step: 'redact', row: 3, column: 'text', before: null, after: 'Mail [EMAIL_1] for more' },
        { step: 'normalise', row: 4, column: 'text', before: '<b>Nice</b> dress', after: 'Nice dress' },
      ],
      profile: builder.finish(),
      files: [file],
    },
    provenance: { codeCommit: null, previous, tokens: null },
  });
}
