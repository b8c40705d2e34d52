import { expect } from 'chai';
import { createProductStatistics } from '../../../src/domain/dataset/product-statistics.js';
import { recipeOf } from '../../../src/domain/dataset/recipes.js';
import { chatExample, evaluationExample } from '../../../src/domain/dataset/render.js';
import { renderPrompt, defaultPrompt } from '../../../src/domain/release/prompt.js';

const reviews = recipeOf('reviews');
const prompt = { ...defaultPrompt, template: 'Sum up: {query}' };
const values = { text: 'Soft and warm', title: 'Good coat', category: null };
const asked = renderPrompt({ prompt, query: values.text });

describe('rendering', () => {
  it('asks as the prompt says, and adds the text of a template where one is named', () => {
    const chat = chatExample({ row: { values }, recipe: reviews, asked, template: 'base' });
    expect(chat).to.deep.equal({
      messages: [
        { role: 'user', content: 'Sum up: Soft and warm' },
        { role: 'assistant', content: 'Good coat' },
      ],
    });
    const written = chatExample({ row: { values }, recipe: reviews, asked, template: 'chatml' });
    expect(written?.text).to.contain('<|im_start|>assistant\nGood coat<|im_end|>');
  });

  it('leaves a review without a title out of what trains, never out of the table', () => {
    const untitled = { values: { ...values, title: '' } };
    expect(chatExample({ row: untitled, recipe: reviews, asked, template: 'base' })).to.equal(null);
    expect(evaluationExample({ row: untitled, recipe: reviews })).to.equal(null);
  });

  it('makes an evaluation row of a ticket', () => {
    const ticket = { customer_query: 'Where is it?', agent_response: 'At the depot.', category: 'tracking' };
    expect(evaluationExample({ row: { values: ticket }, recipe: recipeOf('support-tickets') })).to.deep.equal({
      ...{ question: 'Where is it?', groundTruth: 'At the depot.', category: 'tracking' },
    });
  });

  it('counts what summaries of a product need', () => {
    const statistics = createProductStatistics();
    const common = { product_id: 'p', category: 'coat', text: 'two words', verified: true, helpful_votes: 3 };
    statistics.see({ values: { ...common, star_rating: 5, created_at: '2026-03-02T00:00:00.000Z' } });
    statistics.see({ values: { ...common, star_rating: 2, created_at: '2026-03-01T00:00:00.000Z', verified: false } });
    statistics.see({ values: { ...common, product_id: 'a', star_rating: 1, created_at: null } });
    const [first, second] = statistics.rows();
    expect(first).to.include({ product_id: 'a', reviews: 1, first_review: null });
    expect(second).to.include({ product_id: 'p', reviews: 2, mean_rating: 3.5, stars_5: 1, stars_2: 1, stars_1: 0 });
    expect(second).to.include({ verified: 1, helpful_votes: 6, words: 4, last_review: '2026-03-02T00:00:00.000Z' });
  });
});
