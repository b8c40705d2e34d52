import { expect } from 'chai';
import { Parser } from 'htmlparser2';
import type { DatasetManifest } from '../../../src/domain/dataset/manifest.js';
import { datasetView } from '../../../src/domain/report/dataset-view.js';
import { formatCount } from '../../../src/domain/report/format.js';
import { renderDatasetProfile } from '../../../src/report/render-dataset-profile.js';
import { sampleManifest } from './sample-dataset.js';

const first = sampleManifest({ seed: 1, rows: 1_200, ratings: [3, 4, 5, 5, 5], previous: null });
const same = sampleManifest({ seed: 2, rows: 1_200, ratings: [3, 4, 5, 5, 5], previous: first.digest });
const shifted = sampleManifest({ seed: 3, rows: 1_500, ratings: [1, 1, 2, 4, 5], previous: first.digest });

const textOf = (document: string): string => {
  let text = '';
  const parser = new Parser({ ontext: (seen) => (text += seen), onclosetag: () => (text += ' ') });
  parser.end(document);
  return text.replace(/\s+/g, ' ');
};

describe('view of a data set', () => {
  it('says what was read, left out and published, step by step', () => {
    const { funnel, idle, tiles, sentence } = datasetView({ current: first, previous: null });
    expect(funnel.map(({ step, rows, removed }) => [step, rows, removed])).to.deep.equal([
      ['read', 1_242, 0],
      ['allowed language', 1_240, 2],
      ['no near-duplicate', 1_201, 39],
      ['not in the golden set', 1_200, 1],
    ]);
    expect(idle).to.include('no spam').and.not.include('allowed language');
    expect(tiles[0]).to.deep.equal({ label: 'Rows published', value: '1,200', note: 'no version before' });
    expect(tiles[1]).to.include({ label: 'Left out', value: '42' });
    expect(sentence).to.equal('1,200 rows from 1,242 that were read; there is no version before to compare with.');
  });

  it('shows ratings, categories and lengths, and names what is the same in every row', () => {
    const { distributions, constant } = datasetView({ current: shifted, previous: first });
    expect(distributions.map(({ kind, column }) => `${kind} ${column}`)).to.deep.equal([
      'values star_rating',
      'values category',
      'numbers helpful_votes',
      'lengths text',
    ]);
    expect(constant).to.deep.equal(['language is en']);
    const [rating] = distributions;
    if (rating?.kind !== 'values') throw new Error('expected the values of the ratings');
    expect(rating.labels).to.deep.equal(['1', '2', '3', '4', '5']);
    for (const { current, previous } of distributions)
      for (const shares of [current, previous!])
        expect(shares.reduce((sum, share) => sum + share, 0)).to.be.closeTo(1, 1e-9);
  });

  it('tells drift of content, and takes new ids and later times for none', () => {
    expect(datasetView({ current: same, previous: first })).to.include({ tone: 'good', word: 'No drift' });
    const view = datasetView({ current: shifted, previous: first });
    expect(view).to.include({ tone: 'bad', word: 'Large drift' });
    expect(view.sentence).to.contain('star_rating shifted far from the version before');
    expect(view.drift!.columns.map(({ column }) => column)).to.not.include.members(['review_id', 'created_at']);
  });
});

describe('page about a data set', () => {
  const page = renderDatasetProfile({ current: shifted, previous: first });

  it('holds funnel, distributions, drift, examples, removed rows and origin', () => {
    const text = textOf(page);
    for (const expected of [
      'Large drift',
      'From rows read to rows published',
      'not in the golden set',
      'What the columns hold',
      'text: length of texts',
      'Drift against the version before',
      'Mail [EMAIL_1] for more',
      '<b>Nice</b> dress',
      'near-duplicate of the question',
      'EMAIL 4, PHONE 2',
      '1.2 MiB',
    ])
      expect(text).to.contain(expected);
  });

  it('is the same in every run and leaves drift out of a first version', () => {
    expect(renderDatasetProfile({ current: shifted, previous: first })).to.equal(page);
    const text = textOf(renderDatasetProfile({ current: first, previous: null }));
    expect(text).to.contain('First version').and.not.contain('Drift against');
  });

  it('runs nothing and loads nothing, whatever the rows say', () => {
    const attack = '"><script>alert(1)</script><img src=x onerror=alert(2)>';
    const poisoned = JSON.parse(JSON.stringify(shifted), (key, value: unknown) =>
      typeof value === 'string' && ['value', 'after', 'before', 'column', 'id', 'caseId', 'name', 'file'].includes(key)
        ? `${value}${attack}`
        : value,
    ) as DatasetManifest;
    const elements = new Set<string>();
    const handlers: string[] = [];
    const parser = new Parser({
      onopentag: (name, attributes) => {
        elements.add(name);
        handlers.push(...Object.keys(attributes).filter((attribute) => /^on|^src$|^href$/.test(attribute)));
      },
    });
    parser.end(renderDatasetProfile({ current: poisoned, previous: null }));
    expect(elements.has('svg')).to.equal(true);
    for (const name of ['script', 'img', 'link', 'iframe']) expect(elements.has(name), name).to.equal(false);
    expect(handlers).to.deep.equal([]);
  });
});

describe('formatCount', () => {
  it('sets thousands apart', () => {
    expect([0, 999, 1_000, 1_234_567].map(formatCount)).to.deep.equal(['0', '999', '1,000', '1,234,567']);
  });
});
