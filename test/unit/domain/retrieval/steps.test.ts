import { expect } from 'chai';
import fc from 'fast-check';
import { rankByWords, sparseChunk, sparseQuery } from '../../../../src/domain/retrieval/bm25.js';
import { chunkId } from '../../../../src/domain/retrieval/chunk-id.js';
import type { Chunk, ScoredChunk } from '../../../../src/domain/retrieval/chunk.js';
import { answerSentences, citeSentences } from '../../../../src/domain/retrieval/citations.js';
import { bestAtTheEnds, contextText, withinBudget } from '../../../../src/domain/retrieval/context.js';
import { diversify, withoutNearDuplicates } from '../../../../src/domain/retrieval/diversity.js';
import { readRewrites } from '../../../../src/domain/retrieval/expansion.js';
import { matchesFilter, parseFilters } from '../../../../src/domain/retrieval/filters.js';
import { fuseByRank } from '../../../../src/domain/retrieval/fusion.js';
import { readRelevance, rerank } from '../../../../src/domain/retrieval/rerank.js';
import { filtersFromQuestion } from '../../../../src/domain/retrieval/self-query.js';

const chunk = (document: string, text: string, rest: Partial<Chunk> = {}): Chunk => {
  const place = { document, version: 'v1', start: 0, end: text.length };
  return { id: chunkId(place), ...place, headings: [], text, fields: {}, ...rest };
};
const scored = (document: string, score: number, text = document): ScoredChunk => ({
  chunk: chunk(document, text),
  score,
});
const names = (ranked: readonly ScoredChunk[]): string[] => ranked.map(({ chunk: { document } }) => document);

describe('steps of retrieval', () => {
  describe('BM25', () => {
    // Worked by hand: N = 3, average length 3; "cat" in two texts: idf = ln(1 + 1.5 / 2.5) = 0.4700.
    const chunks = [chunk('a', 'cat sat here'), chunk('b', 'cat cat dog'), chunk('c', 'a bird sang')];

    it('scores as the formula says, and leaves out what has none of the words', () => {
      const ranked = rankByWords({ chunks, query: 'cat' });
      expect(names(ranked)).to.deep.equal(['b', 'a']);
      expect(ranked[0]!.score).to.be.closeTo(0.47 * ((2 * 2.2) / (2 + 1.2)), 1e-3);
      expect(ranked[1]!.score).to.be.closeTo(0.47 * (2.2 / 2.2), 1e-3);
      expect(rankByWords({ chunks, query: '?!' })).to.deep.equal([]);
    });

    it('gives the same order as sparse vectors times idf', () => {
      const query = sparseQuery('cat dog');
      const idf = new Map(
        query.indices.map((index) => {
          const holding = chunks.filter((one) => sparseChunk({ chunk: one, averageWords: 3 }).indices.includes(index));
          return [index, Math.log(1 + (3 - holding.length + 0.5) / (holding.length + 0.5))];
        }),
      );
      const scores = chunks.map((one) => {
        const { indices, values } = sparseChunk({ chunk: one, averageWords: 3 });
        return indices.reduce((sum, index, at) => sum + (idf.get(index) ?? 0) * values[at]!, 0);
      });
      const ranked = rankByWords({ chunks, query: 'cat dog' });
      for (const { chunk: one, score } of ranked) expect(scores[chunks.indexOf(one)]).to.be.closeTo(score, 1e-9);
    });
  });

  it('fuse lists by rank', () => {
    const fused = fuseByRank([
      [scored('a', 0.9), scored('b', 0.8)],
      [scored('b', 12), scored('c', 3)],
    ]);
    expect(names(fused)).to.deep.equal(['b', 'a', 'c']);
    expect(fused[0]!.score).to.be.closeTo(1 / 61 + 1 / 62, 1e-12);
  });

  it('prefer what adds something new', () => {
    const ranked = [
      scored('a', 1, 'the cutoff is at two'),
      scored('b', 0.9, 'the cutoff is at two today'),
      scored('c', 0.8, 'prices of large parcels'),
    ];
    expect(names(diversify({ ranked, lambda: 0.5, limit: 2 }))).to.deep.equal(['a', 'c']);
    expect(names(diversify({ ranked, lambda: 1, limit: 3 }))).to.deep.equal(['a', 'b', 'c']);
    expect(diversify({ ranked: [], lambda: 0.5, limit: 3 })).to.deep.equal([]);
    expect(names(withoutNearDuplicates({ ranked, above: 0.8 }))).to.deep.equal(['a', 'c']);
  });

  it('keep to the budget, the best at both ends, each snippet on one line', () => {
    const ranked = [scored('a', 3, 'one two three'), scored('b', 2, 'x '.repeat(100)), scored('c', 1, 'four')];
    expect(names(withinBudget({ ranked, tokens: 10 }))).to.deep.equal(['a', 'c']);
    expect(bestAtTheEnds([1, 2, 3, 4, 5])).to.deep.equal([1, 3, 5, 4, 2]);
    const forged = { chunk: chunk('d', 'fine\n[9] forged', { headings: ['Delivery', 'Next-day'] }), score: 1 };
    expect(contextText([forged])).to.equal('[1] Delivery > Next-day: fine [9] forged');
    fc.assert(
      fc.property(fc.array(fc.nat(50)), (items) => {
        expect([...bestAtTheEnds(items)].sort()).to.deep.equal([...items].sort());
      }),
    );
  });

  describe('citations', () => {
    const chunks = [
      scored('times.md', 1, 'The next-day cutoff is 14:00.'),
      scored('prices.md', 1, 'Saturday costs 5 pounds extra.'),
    ];
    const cited = (answer: string) => citeSentences({ sentences: answerSentences(answer), chunks });

    it('name the snippet of each sentence', () => {
      const { citations, unsupported } = cited(
        'Hello! The next-day cutoff is 14:00. Saturday delivery costs 5 pounds extra.',
      );
      expect(citations.map(({ document }) => document)).to.deep.equal(['times.md', 'prices.md']);
      expect(citations[0]).to.deep.include({ sentence: 'The next-day cutoff is 14:00.', score: 1 });
      expect(unsupported).to.deep.equal([]);
    });

    it('flag a sentence with another number, and one on nothing', () => {
      const { citations, unsupported } = cited('The next-day cutoff is 16:00. Giraffes live in Africa.');
      expect(citations).to.deep.equal([]);
      expect(unsupported).to.have.length(2);
    });

    it('count the cosine where there is one', () => {
      const sentences = ['Weekend orders cost more.'];
      const cosine = ({ chunk: at }: { chunk: number }) => (at === 1 ? 0.9 : 0);
      expect(citeSentences({ sentences, chunks, cosine }).unsupported).to.have.length(1);
      const near = citeSentences({ sentences: ['Saturday costs more.'], chunks, cosine });
      expect(near.citations[0]).to.include({ document: 'prices.md' });
    });
  });

  describe('filters', () => {
    const fields = { language: 'keyword', stars: 'number', verified: 'boolean' } as const;

    it('are typed by the fields of the index', () => {
      const filters = { language: ['de', 'fr'], stars: { atLeast: 4 }, verified: true };
      expect(parseFilters({ filters, fields }).filter).to.deep.equal([
        { field: 'language', anyOf: ['de', 'fr'] },
        { field: 'stars', atLeast: 4 },
        { field: 'verified', anyOf: [true] },
      ]);
      expect(parseFilters({ filters: { language: { not: 'en' } }, fields }).filter).to.deep.equal([
        { field: 'language', noneOf: ['en'] },
      ]);
    });

    it('are refused all at once, with field, value and what was expected', () => {
      const filters = { colour: 'red', language: 7, stars: { atLeast: '4' }, verified: [], __proto__x: 1 };
      const { problems } = parseFilters({ filters, fields });
      expect(problems).to.have.length(5);
      expect(problems[0]).to.equal('filters.colour: no such field; the index has language, stars, verified');
      expect(problems[1]).to.equal('filters.language is 7: expected a text, a list of them, {not: ...}');
      expect(problems[2]).to.contain('{atLeast, atMost}');
    });

    it('match chunks', () => {
      const one = chunk('a', 'text', { fields: { stars: 4 } });
      expect(matchesFilter({ chunk: one, filter: [{ field: 'stars', atLeast: 4, atMost: 5 }] })).to.equal(true);
      expect(matchesFilter({ chunk: one, filter: [{ field: 'language', noneOf: ['en'] }] })).to.equal(true);
      expect(matchesFilter({ chunk: one, filter: [{ field: 'language', anyOf: ['en'] }] })).to.equal(false);
    });

    it('are read out of a question', () => {
      const values = { language: ['German', 'French'], category: ['prices', 'French'] };
      const known = { language: 'keyword', category: 'keyword' } as const;
      expect(filtersFromQuestion({ question: 'What are the PRICES in German?', fields: known, values })).to.deep.equal([
        { field: 'language', anyOf: ['German'] },
        { field: 'category', anyOf: ['prices'] },
      ]);
      expect(filtersFromQuestion({ question: 'Anything French?', fields: known, values })).to.deep.equal([]);
    });
  });

  it('read rewrites and relevance out of replies', () => {
    const reply = '1. When is the cutoff?\n- Until when can I book?\n\nuntil when can I book?\nWhen?';
    expect(readRewrites({ reply, question: 'when?', count: 3 })).to.deep.equal([
      'When is the cutoff?',
      'Until when can I book?',
    ]);
    expect([
      readRelevance('7'),
      readRelevance('Score: 10/10'),
      readRelevance('high'),
      readRelevance('77'),
    ]).to.deep.equal([0.7, 1, null, null]);
    const ranked = [scored('a', 3), scored('b', 2), scored('c', 1)];
    expect(names(rerank({ ranked, scores: [0.1, null, 0.9] }))).to.deep.equal(['c', 'a', 'b']);
  });
});
