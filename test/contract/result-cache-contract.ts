import { expect } from 'chai';
import type { ResultCache } from '../../src/activities/result-cache-port.js';
import { storedSummarySchema, summaryLabel, type StoredSummary } from '../../src/domain/summaries/stored-summary.js';

export const summaryOf = (change: Partial<StoredSummary> = {}): StoredSummary =>
  storedSummarySchema.parse({
    ...{ family: 'review-summaries', item: 'p1', model: 'review-summaries.home', release: 'review-summaries.home-r1' },
    ...{ inputDigest: 'd1', label: summaryLabel, language: 'en', pros: ['quiet'], cons: [], summary: 'Quiet.' },
    sources: [{ review: 'r1', rating: 5, verified: true, language: 'sv', snippet: 'tyst' }],
    ...{ reviews: { all: 3, shown: 1 }, milliseconds: 12.5, failedRelease: null },
    ...{ generatedAt: '2026-01-01T00:00:00.000Z', run: '2026-01-01T00:00:00.000Z' },
    expiresAt: '2026-02-01T00:00:00.000Z',
    ...change,
  });

/** What every cache of summaries keeps to; `open` gives one whose clock is the test's. */
export function resultCacheContract(open: (input: { now: () => string }) => Promise<ResultCache>): void {
  let now = '2026-01-02T00:00:00.000Z';
  let cache: ResultCache;
  beforeEach(async () => {
    now = '2026-01-02T00:00:00.000Z';
    cache = await open({ now: () => now });
  });
  const get = (item = 'p1', family = 'review-summaries') => cache.get({ family, item });

  it('gives back what was put, and nothing of other items and families', async () => {
    expect(await get()).to.equal(null);
    expect(await cache.put({ summary: summaryOf() })).to.deep.equal({ written: true });
    expect(await get()).to.deep.equal(summaryOf());
    expect(await get('p2')).to.equal(null);
    expect(await get('p1', 'others')).to.equal(null);
  });

  it('takes any text as an item', async () => {
    for (const item of ['../../etc/passwd', 'a/b', 'Größe 42 🧥', ' ', '.', 'x'.repeat(512), '%2e%2e', 'p1\u0000'])
      await cache.put({ summary: summaryOf({ item, summary: `of ${item}` }) });
    expect((await get('../../etc/passwd'))?.summary).to.equal('of ../../etc/passwd');
    expect((await get('x'.repeat(512)))?.item).to.have.length(512);
    expect((await get('.'))?.summary).to.equal('of .');
    // More bytes than a key of any store may have.
    const long = '🧥'.repeat(1000);
    await cache.put({ summary: summaryOf({ item: long }) });
    expect((await get(long))?.item).to.equal(long);
    expect(await get(`${long}🧥`)).to.equal(null);
    await cache.remove({ family: 'review-summaries', item: long });
    expect(await get(long)).to.equal(null);
  });

  it('replaces what the same or an earlier run wrote, never what a later one did', async () => {
    const later = summaryOf({ run: '2026-01-01T01:00:00.000Z', summary: 'later' });
    await cache.put({ summary: summaryOf() });
    expect(await cache.put({ summary: later })).to.deep.equal({ written: true });
    expect(await cache.put({ summary: summaryOf({ summary: 'late writer' }) })).to.deep.equal({ written: false });
    expect((await get())?.summary).to.equal('later');
    expect(await cache.put({ summary: { ...later, summary: 'again' } })).to.deep.equal({ written: true });
    expect((await get())?.summary).to.equal('again');
  });

  it('gives nothing from the moment it expires, whether it is there still or not', async () => {
    await cache.put({ summary: summaryOf() });
    now = '2026-01-31T23:59:59.999Z';
    expect(await get()).to.not.equal(null);
    now = '2026-02-01T00:00:00.000Z';
    expect(await get()).to.equal(null);
  });

  it('removes, also what is not there', async () => {
    await cache.put({ summary: summaryOf() });
    await cache.remove({ family: 'review-summaries', item: 'p1' });
    await cache.remove({ family: 'review-summaries', item: 'p1' });
    expect(await get()).to.equal(null);
  });

  it('keeps one of twenty writers at a time, the one of the latest run', async () => {
    const runs = Array.from({ length: 20 }, (_, index) => `2026-01-01T${String(index).padStart(2, '0')}:00:00.000Z`);
    await Promise.all(runs.map((run) => cache.put({ summary: summaryOf({ run, summary: run }) })));
    expect((await get())?.summary).to.equal(runs.at(-1));
  });
}
