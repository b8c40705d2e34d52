import type { DataSpec } from '../spec/data-spec.js';
import { columnSources, recipeColumn, type ColumnSources } from './column-mapping.js';
import { type Recipe, recipeOf, type TableColumn } from './recipes.js';

/** A spec's settings with every column under the recipe's name, which rows have from the first step on. */
export interface DatasetPlan {
  recipe: Recipe;
  data: DataSpec & { cluster: string };
  sources: ColumnSources;
  /** Columns outside the recipe that the spec names; rows carry them too. */
  kept: string[];
  /** What the published table holds: the recipe's columns, the kept ones and what the pipeline says of a row. */
  table: TableColumn[];
}

/** Columns that the pipeline adds to a row. */
const addedColumns: readonly TableColumn[] = [
  { name: 'toxicity', type: 'number' },
  { name: 'row', type: 'number' },
  { name: 'split', type: 'text' },
  { name: 'cluster', type: 'text' },
];

/** Reads the settings of a spec for its recipe. Throws a DataProblem for columns that are mapped to nothing known. */
export function planDataset(data: DataSpec): DatasetPlan {
  const recipe = recipeOf(data.recipe);
  const sources = columnSources({ columns: data.source.columns, recipe });
  const named = (column: string): string => recipeColumn({ sources, column });
  const cluster = named(data.cluster ?? recipe.cluster);
  const validation = data.validation.map((rule) => ('column' in rule ? { ...rule, column: named(rule.column) } : rule));
  const columns = [cluster, ...validation.flatMap((rule) => ('column' in rule ? [rule.column] : []))];
  const known = [...recipe.columns, ...addedColumns.map(({ name }) => name)];
  const kept = [...new Set(columns)].filter((column) => !known.includes(column));
  return {
    recipe,
    data: { ...data, cluster, validation },
    sources,
    kept,
    table: [...recipe.table, ...kept.map((name): TableColumn => ({ name, type: 'text' })), ...addedColumns],
  };
}
