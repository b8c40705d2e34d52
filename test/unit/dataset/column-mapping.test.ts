import { expect } from 'chai';
import {
  checkColumns,
  columnRenamer,
  columnSources,
  recipeColumn,
} from '../../../src/domain/dataset/column-mapping.js';
import { DataProblem } from '../../../src/domain/dataset/data-problem.js';
import { recipeOf } from '../../../src/domain/dataset/recipes.js';

const recipe = recipeOf('support-tickets');
const found = ['id', 'question', 'agent_response', 'topic', 'category', 'resolved', 'customer_id'];
const columns = { ticket_id: 'id', question: 'customer_query', category: 'topic' };

describe('column mapping', () => {
  it('reads an entry in either direction', () => {
    const sources = columnSources({ columns, recipe });
    expect(() => checkColumns({ found, sources, recipe, needed: ['customer_id'] })).not.to.throw();
    const fields = columnRenamer(sources)({ id: '1', question: 'q', topic: 't', category: 'old', extra: 'x' });
    expect(fields).to.deep.equal({
      ticket_id: '1',
      customer_query: 'q',
      category: 't',
      'source.category': 'old',
      extra: 'x',
    });
    expect(recipeColumn({ sources, column: 'id' })).to.equal('ticket_id');
    expect(recipeColumn({ sources, column: 'extra' })).to.equal('extra');
  });

  it('names every missing column, what was looked for and what is there', () => {
    const check = (): void =>
      checkColumns({ found: ['id', 'text'], sources: columnSources({ columns, recipe }), recipe, needed: ['shop'] });
    expect(check).to.throw(DataProblem, 'customer_query (data.source.columns names it "question")');
    expect(check).to.throw(DataProblem, 'agent_response');
    expect(check).to.throw(DataProblem, 'resolved, shop. The source has id, text.');
  });

  it('refuses an entry that names no column of the recipe', () => {
    expect(() => columnSources({ columns: { anser: 'text' }, recipe })).to.throw(
      DataProblem,
      'data.source.columns.anser is "text"',
    );
  });
});
