import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { expect } from 'chai';
import { domains, languages } from '../../../examples/review-summaries/generator/aspects.js';
import { exampleFiles } from '../../../examples/review-summaries/generator/files.js';
import { charactersPerReview, selection } from '../../../examples/review-summaries/generator/summaries.js';
import { readSpecificationFile } from '../../../src/client/specification-file.js';
import { replyFormatOf } from '../../../src/domain/summaries/reply-format.js';
import { readSummary } from '../../../src/domain/summaries/summary.js';

const folder = new URL('../../../examples/review-summaries/', import.meta.url);
const path = (name: string): string => new URL(name, folder).pathname;
const files = exampleFiles();
const rowsOf = (name: string): Record<string, string>[] => parse(files.get(name)!, { columns: true });
const casesOf = (domain: string) =>
  files
    .get(`golden/${domain}.jsonl`)!
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; input: string; reference: string; expectedTopics: string[] });
const shown = (question: string): number => question.split('\n').length - 1;

describe('the example of review summaries', () => {
  it('is what its generator writes', async () => {
    for (const [name, text] of files) expect(await readFile(path(name), 'utf8'), name).to.equal(text);
  });

  it('has some 40 products of three domains, reviewed in six languages, one of them once', () => {
    const reviews = rowsOf('data/reviews.csv');
    const products = new Set(reviews.map((review) => review['product_id']));
    expect(products.size).to.be.within(40, 48);
    expect(new Set(reviews.map((review) => review['language']))).to.deep.equal(new Set(languages));
    expect(new Set(reviews.map((review) => review['category']))).to.deep.equal(new Set(domains));
    expect(reviews.filter((review) => review['product_id'] === 'kettle-901')).to.have.length(1);
    const ids = reviews.map((review) => review['review_id']);
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it('teaches and expects summaries that the batch would take', () => {
    for (const domain of domains) {
      const taught = rowsOf(`data/summaries-${domain}.csv`).map((row) => ({
        input: row['customer_query']!,
        reference: row['agent_response']!,
      }));
      for (const { input, reference } of [...taught, ...casesOf(domain)]) {
        const { problem } = readSummary({ reply: reference, reviews: shown(input) });
        expect(problem, reference).to.equal(null);
      }
      for (const { reference, expectedTopics } of casesOf(domain))
        for (const topic of expectedTopics) expect(reference).to.contain(topic);
    }
  });

  it('asks for summaries in their format, since its spec has a batch', async () => {
    const { specification } = await readSpecificationFile({ path: path('understudy.yaml') });
    expect(specification.prompt.reply).to.equal('summary');
    for (const domain of domains)
      for (const { input } of casesOf(domain))
        expect(replyFormatOf({ ...specification, query: input })?.schema).to.have.nested.property(
          'properties.sources.maxItems',
          shown(input),
        );
    const { specification: plain } = await readSpecificationFile({
      path: path('understudy.yaml'),
      overlays: [{ name: 'bare prompt', document: { prompt: null } }],
    });
    expect(plain.prompt.reply).to.equal('summary');
    const support = new URL('../support-assistant/understudy.yaml', folder).pathname;
    expect((await readSpecificationFile({ path: support })).specification.prompt).to.not.have.property('reply');
  });

  it('expects nothing of a product that is taught or sold', () => {
    const sold = new Set(rowsOf('data/reviews.csv').map((review) => review['product_id']));
    for (const domain of domains) {
      const taught = new Set(rowsOf(`data/summaries-${domain}.csv`).map((row) => row['customer_id']));
      for (const { id } of casesOf(domain)) expect(taught.has(id) || sold.has(id), id).to.equal(false);
    }
    const taught = new Set(rowsOf('data/summaries-electronics-2.csv').map((row) => row['customer_id']));
    const ids = casesOf('electronics-2').map(({ id }) => id);
    expect(new Set(ids).size).to.equal(80);
    for (const id of ids) expect(taught.has(id) || sold.has(id), id).to.equal(false);
  });

  it('asks as the batch of its spec does, for each domain by a model of its own', async () => {
    for (const domain of domains) {
      const { specification } = await readSpecificationFile({
        path: path('understudy.yaml'),
        overlays: [path('understudy.embedded.yaml'), path(`domains/${domain}.yaml`)],
      });
      const { model, family, batch, evaluation } = specification.spec;
      expect({ model, family }).to.deep.equal({ model: `review-summaries.${domain}`, family: 'review-summaries' });
      expect(batch?.select).to.deep.equal({ ...selection, charactersPerReview });
      expect(batch?.domain?.values).to.deep.equal([domain]);
      expect(batch?.source.uri).to.equal(path('data/reviews.csv'));
      expect(evaluation.preset).to.equal('summaries-deterministic');
    }
  });
});
