import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Chunk } from '../../../../../src/domain/retrieval/chunk.js';
import {
  chunkDocument,
  chunkKinds,
  type ChunkPlan,
} from '../../../../../src/domain/retrieval/chunkers/chunk-document.js';
import { wordSpans } from '../../../../../src/domain/retrieval/chunkers/tokens.js';

/** Sentences of the same first letter point the same way. */
const embed = async (texts: readonly string[]): Promise<Float32Array[]> =>
  texts.map((text) => {
    const angle = (text.trim().toLowerCase().charCodeAt(0) || 0) % 7;
    return Float32Array.of(Math.cos(angle), Math.sin(angle));
  });

const chunks = (text: string, plan: Partial<ChunkPlan> = {}): Promise<Chunk[]> =>
  chunkDocument({
    document: { id: 'policies/a.md', text, fields: { language: 'en' } },
    plan: { kind: 'recursive', size: 40, overlap: 10, unit: 'characters', ...plan },
    embed,
  });
const textsOf = async (...asked: Parameters<typeof chunks>): Promise<string[]> =>
  (await chunks(...asked)).map(({ text }) => text);

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc
    .array(
      fc.constantFrom(
        'parcel',
        'depot.',
        'When?',
        '\n\n',
        '\n',
        '# Title',
        '  ',
        'Übergröße',
        '荷物。',
        '🚚',
        'x'.repeat(60),
      ),
      {
        maxLength: 60,
      },
    )
    .map((words) => words.join(' ')),
);

describe('chunks of a document', () => {
  for (const kind of chunkKinds)
    for (const unit of ['characters', 'tokens'] as const)
      it(`are what stands between their offsets, within the size, without a hole: ${kind} by ${unit}`, async () => {
        const limits = fc.integer({ min: 2, max: 60 }).chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1)));
        await fc.assert(
          fc.asyncProperty(anyText, limits, async (text, [size, overlap]) => {
            const found = await chunks(text, { kind, unit, size, overlap });
            const covered = new Set<number>();
            for (const chunk of found) {
              expect(text.slice(chunk.start, chunk.end)).to.equal(chunk.text);
              expect(chunk.text.trim()).to.equal(chunk.text).and.not.equal('');
              const long = kind === 'tokens' || unit === 'tokens' ? wordSpans(chunk.text).length : chunk.text.length;
              // One character may be two code units.
              expect(long).to.be.at.most(size + 1);
              for (let at = chunk.start; at < chunk.end; at += 1) covered.add(at);
            }
            const missing =
              [...text].length > 0 ? [...text.matchAll(/\S/gu)].filter(({ index }) => !covered.has(index)) : [];
            // A section's heading stands in its path.
            if (kind !== 'sections') expect(missing.map(({ 0: found }) => found).join('')).to.equal('');
            expect(new Set(found.map(({ id }) => id)).size).to.equal(found.length);
          }),
          { numRuns: 60 },
        );
      });

  it('break at paragraphs before sentences before words', async () => {
    const text = 'One short paragraph.\n\nA second one. It has two sentences.\n\nEnd.';
    expect(await textsOf(text, { overlap: 0 })).to.deep.equal([
      'One short paragraph.',
      'A second one. It has two sentences.',
      'End.',
    ]);
  });

  it('repeat the end of the chunk before, in whole parts', async () => {
    const text = 'aa bb cc dd ee ff gg hh ii jj kk ll mm nn';
    const found = await textsOf(text, { size: 12, overlap: 6 });
    expect(found.slice(0, 3)).to.deep.equal(['aa bb cc dd', 'cc dd ee ff', 'ee ff gg hh']);
  });

  it('stand under the headings of their section, and code is no heading', async () => {
    const text = '# Delivery\nIntro.\n## Next-day\nBy 14:00.\n```sh\n# not a heading\n```\n# Prices\n5 pounds.';
    const found = await chunks(text, { kind: 'sections', size: 200 });
    expect(found.map(({ headings }) => headings.join(' > '))).to.deep.equal([
      'Delivery',
      'Delivery > Next-day',
      'Prices',
    ]);
    expect(found[1]!.text).to.contain('# not a heading');
  });

  it('end where the subject changes', async () => {
    const same = 'All about parcels. And their depots. ';
    const text = `${'Apples are red. '.repeat(8)}${'Boats can float. '.repeat(8)}`;
    const found = await textsOf(text, { kind: 'semantic', size: 500, overlap: 0 });
    expect(found).to.deep.equal(['Apples are red. '.repeat(8).trim(), 'Boats can float. '.repeat(8).trim()]);
    expect(await textsOf(same, { kind: 'semantic', size: 500 })).to.deep.equal([same.trim()]);
  });

  it('have the same ids for the same text, and others for another version', async () => {
    const one = await chunks('The cutoff is 14:00.');
    expect(await chunks('The cutoff is 14:00.')).to.deep.equal(one);
    const [changed] = await chunks('The cutoff is 15:00.');
    expect(changed!.id).to.not.equal(one[0]!.id);
    expect(one[0]).to.deep.include({ document: 'policies/a.md', start: 0, end: 20, fields: { language: 'en' } });
    expect(one[0]!.id).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('are none of an empty text, and refuse an overlap that leads nowhere', async () => {
    for (const kind of chunkKinds) expect(await chunks(' \n\t ', { kind })).to.deep.equal([]);
    const refused = await chunks('text', { size: 10, overlap: 10 }).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(RangeError).with.property('message').that.contains('less than the size');
  });

  it('cover the example policies', async () => {
    const text = await readFile('examples/support-assistant/policies/delivery-times.md', 'utf8');
    const found = await chunks(text, { kind: 'recursive', size: 512, overlap: 64 });
    expect(found.some((chunk) => chunk.text.includes('14:00'))).to.equal(true);
  });
});
