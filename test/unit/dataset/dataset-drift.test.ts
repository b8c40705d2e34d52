import { expect } from 'chai';
import { columnsBesideContent } from '../../../src/domain/dataset/dataset-drift.js';
import { type Recipe, recipeOf } from '../../../src/domain/dataset/recipes.js';

describe('columns beside content', () => {
  const names: Recipe['name'][] = ['support-tickets', 'reviews'];
  for (const name of names)
    it(`of ${name} are ids, times and the pipeline's own, and never the category`, () => {
      const { id, table } = recipeOf(name);
      const beside = columnsBesideContent({ recipe: name, schema: [...table] });
      expect(beside).to.include.members([id, 'customer_id', 'created_at', 'row', 'split', 'cluster']);
      expect(beside).to.not.include('category');
    });
});
