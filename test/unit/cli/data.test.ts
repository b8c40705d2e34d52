import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { stringify } from 'yaml';
import type { DatasetManifest } from '../../../src/domain/dataset/manifest.js';
import { runLine } from './run-line.js';

interface Built {
  name: string;
  digest: string;
  read: number;
  published: number;
  deadLettered: Record<string, number>;
  files: { file: string; sha256: string }[];
}

const clothing = fileURLToPath(new URL('../../../../shared/data/reviews-womens-clothing.csv', import.meta.url));
const topics = ['sleeves', 'buttons', 'colour', 'fabric', 'zip', 'collar', 'length', 'pockets', 'seams', 'lining'];
const review = (index: number): Record<string, unknown> => ({
  id: `R-${index}`,
  product: `P-${index % 12}`,
  stars: (index % 5) + 1,
  body: `Bought number ${index} in spring and the ${topics[index % 10]} of model ${index * 7} surprised me, order again ${index * 3}`,
  headline: `Nice ${topics[index % 10]}`,
  created_at: `2026-03-${String((index % 28) + 1).padStart(2, '0')}T10:00:00Z`,
});

describe('understudy data', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-cli-data-'));
    await writeFile(
      join(folder, 'golden.jsonl'),
      '{"id":"g1","input":"How do the boots of last winter fit?","reference":"Small."}\n',
    );
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const run = (...line: string[]) => runLine(line, { UNDERSTUDY_HOME: join(folder, 'home') });

  async function specFile(data: Record<string, unknown> = {}): Promise<string> {
    const columns = { review_id: 'id', product_id: 'product', star_rating: 'stars', text: 'body', title: 'headline' };
    const spec = {
      apiVersion: 'understudy/v1',
      model: 'review-summaries',
      base: { id: 'tiny' },
      data: {
        recipe: 'reviews',
        source: { kind: 'jsonl', uri: 'reviews.jsonl', columns },
        goldenSet: 'golden.jsonl',
        ...data,
      },
      evaluation: { preset: 'summaries' },
    };
    const path = join(folder, 'spec.yaml');
    await writeFile(path, stringify(spec));
    return path;
  }

  const writeReviews = (rows: readonly Record<string, unknown>[], file = 'reviews.jsonl'): Promise<void> =>
    writeFile(join(folder, file), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const many = (count: number): Record<string, unknown>[] => Array.from({ length: count }, (_, index) => review(index));

  it('builds reviews, and gives the same digest again, from any folder', async () => {
    await writeReviews([...many(80), { ...review(3), id: 'R-900' }, { ...review(4), id: 'R-901', body: 'Too short' }]);
    const spec = await specFile();
    const built = await run('data', 'build', '--spec', spec, '--json');
    expect(built.stderr).to.not.contain('rror');
    const { name, digest, read, published, deadLettered, files } = built.json<Built>();
    expect({ code: built.code, name, read, published, deadLettered }).to.deep.equal({
      code: 0,
      name: 'review-summaries',
      read: 82,
      published: 80,
      deadLettered: { duplicate: 1, tooShort: 1 },
    });
    expect(files.map(({ file }) => file)).to.include.members(['train.jsonl', 'rows.parquet', 'products.parquet']);
    await writeReviews(many(0).concat(many(80)), 'other.jsonl');
    await writeFile(join(folder, 'moved.jsonl'), await readFile(join(folder, 'reviews.jsonl')));
    const again = await run('data', 'build', '--spec', spec, '--source', join(folder, 'moved.jsonl'), '--json');
    expect(again.json<Built>().digest).to.equal(digest);
    const shown = await run('data', 'show', 'review-summaries', digest.slice(0, 8), '--json');
    const manifest = shown.json<DatasetManifest & { latest: boolean }>();
    expect(manifest).to.include({ digest, latest: true });
    expect(manifest.counts).to.include({ read: 82, published: 80 });
    expect((await run('data', 'show', 'review-summaries')).stdout).to.contain('80 published');
  });

  it('compares a version with the one before', async () => {
    await writeReviews(many(80));
    const spec = await specFile();
    const first = (await run('data', 'build', '--spec', spec, '--json')).json<Built>();
    await writeReviews(many(120));
    const second = (await run('data', 'build', '--spec', spec, '--json')).json<Built>();
    const diff = await run('data', 'diff', 'review-summaries', '--json');
    expect(diff.json()).to.deep.include({ from: first.digest, to: second.digest });
    expect(diff.json()).to.deep.nested.include({
      'counts.published': { from: 80, to: 120 },
      same: { source: false, settings: true, golden: true },
    });
    expect((await run('data', 'diff', 'review-summaries')).stdout).to.contain('source differs');
  });

  it('writes a page about a version', async () => {
    await writeReviews(many(80));
    const spec = await specFile();
    const { digest } = (await run('data', 'build', '--spec', spec, '--json')).json<Built>();
    const out = join(folder, 'page.html');
    const profiled = await run('data', 'profile', 'review-summaries', '--out', out, '--json');
    expect(profiled.json()).to.include({ digest, previous: null, page: out, drift: null });
    const page = await readFile(out, 'utf8');
    expect(page).to.contain(digest).and.contain('First version');
  });

  it('takes the rows of a window alone', async () => {
    await writeReviews(many(84));
    const window = ['--from', '2026-03-02', '--to', '2026-03-04'];
    const built = await run('data', 'build', '--spec', await specFile(), ...window, '--json');
    expect(built.json<Built>()).to.include({ read: 6, published: 6 });
    const wrong = await run('data', 'build', '--spec', await specFile(), '--from', '2026-03-04', '--json');
    expect(wrong).to.include({ code: 2 });
    expect(wrong.stderr).to.contain('--to is ""');
  });

  it('exits 1 where a check says no, 2 where it could not run, and publishes nothing', async () => {
    await writeReviews([...many(60), { ...review(1), id: 'R-2', body: `Quite another ${review(5).body as string}` }]);
    const spec = await specFile({ validation: [{ rule: 'unique', column: 'id' }] });
    const refused = await run('data', 'build', '--spec', spec, '--json');
    expect(refused.code, refused.stderr).to.equal(1);
    expect(refused.json<{ error: string }>().error).to.contain('rule unique on column review_id: row 61');
    const missing = await run('data', 'build', '--spec', spec, '--source', join(folder, 'none.jsonl'), '--json');
    expect(missing.code).to.equal(2);
    expect(missing.json<{ error: string }>().error).to.contain('no such file');
    const shown = await run('data', 'show', 'review-summaries', '--json');
    expect(shown.code).to.equal(2);
    expect(await readdir(join(folder, 'home', 'store'))).to.not.include('datasets');
  });

  it('publishes no account number, in no file', async () => {
    const secret = 'GB82 WEST 1234 5698 7654 32';
    await writeReviews([
      ...many(60),
      { ...review(61), body: `${review(61).body as string} pay me at ${secret} please` },
    ]);
    const built = await run('data', 'build', '--spec', await specFile(), '--json');
    expect(built.code, built.stderr).to.equal(0);
    expect(built.stdout + built.stderr).to.not.contain('5698');
    const { digest, files } = built.json<Built>();
    for (const { file } of files.filter((one) => !one.file.endsWith('.parquet'))) {
      const path = join(folder, 'home', 'store', 'datasets', 'review-summaries', digest, file);
      expect(await readFile(path, 'utf8')).to.not.contain('5698');
    }
  });

  it('refuses to publish what the second detector finds, naming row and type, never the value', async () => {
    const body = `${review(61).body as string} card 4111 1111[EMAIL_1] 1111 1111 please`;
    await writeReviews([...many(60), { ...review(61), body }]);
    const built = await run('data', 'build', '--spec', await specFile(), '--json');
    expect(built.code, built.stderr).to.equal(1);
    expect(built.json()).to.include({ type: 'DataRefused' });
    expect(built.json<{ error: string }>().error)
      .to.contain('row 61: CARD in text')
      .and.contain('nothing was published');
    expect(built.stdout + built.stderr).to.not.contain('1111');
    expect(await readdir(join(folder, 'home', 'store'))).to.not.include('datasets');
  });

  it('loses no row of 1,499 real reviews', async function () {
    await access(clothing).catch(() => {
      process.stderr.write(`skipped: ${clothing} is not here\n`);
      this.skip();
    });
    const columns = {
      review_id: '',
      product_id: 'ClothingID',
      star_rating: 'Rating',
      text: 'ReviewText',
      title: 'Title',
    };
    const spec = await specFile({ source: { kind: 'csv', uri: clothing, columns } });
    const built = await run('data', 'build', '--spec', spec, '--json');
    expect(built.code, built.stderr).to.equal(0);
    const { read, published, deadLettered } = built.json<Built>();
    expect(read).to.equal(1499);
    expect(published).to.be.above(1400);
    expect(published + Object.values(deadLettered).reduce((sum, count) => sum + count, 0)).to.equal(read);
  });
});
