import type { DataSpec } from '../spec/data-spec.js';
import { columnSources, recipeColumn, type ColumnSources } from './column-mapping.js';
import type { Pseudonyms } from './pseudonyms.js';
import { type Recipe, recipeOf, type TableColumn } from './recipes.js';

/** A spec's settings with every column under the recipe's name, which rows have from the first step on. */
export interface DatasetPlan {
  recipe: Recipe;
  data: DataSpec & { cluster: string };
  sources: ColumnSources;
  /** Columns outside the recipe that the spec names; rows carry them too. */
  kept: string[];
  /** Columns of the table whose values stand in no profile: who and what a row is about, and texts. */
  unshown: string[];
  pseudonyms: Pseudonyms;
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

/** Rules that say which values a column holds, so that they may be shown. */
const rulesOfContent = ['set', 'range'];

/** Reads the settings of a spec for its recipe. Throws a DataProblem for columns that are mapped to nothing known. */
export function planDataset({ data, pseudonyms }: { data: DataSpec; pseudonyms: Pseudonyms }): DatasetPlan {
  const recipe = recipeOf(data.recipe);
  const sources = columnSources({ columns: data.source.columns, recipe });
  const named = (column: string): string => recipeColumn({ sources, column });
  const cluster = named(data.cluster ?? recipe.cluster);
  const validation = data.validation.map((rule) => ('column' in rule ? { ...rule, column: named(rule.column) } : rule));
  const columns = [cluster, ...validation.flatMap((rule) => ('column' in rule ? [rule.column] : []))];
  const known = [...recipe.columns, ...addedColumns.map(({ name }) => name)];
  const kept = [...new Set(columns)].filter((column) => !known.includes(column));
  const isContent = (name: string): boolean =>
    name !== cluster &&
    validation.some((rule) => 'column' in rule && rule.column === name && rulesOfContent.includes(rule.rule));
  const identifying = recipe.identifiers.filter((name) => name !== 'category');
  return {
    recipe,
    pseudonyms,
    unshown: [...identifying, ...recipe.texts, ...kept.filter((name) => !isContent(name)), 'cluster'],
    data: { ...data, cluster, validation },
    sources,
    kept,
    table: [...recipe.table, ...kept.map((name): TableColumn => ({ name, type: 'text' })), ...addedColumns],
  };
}

/** The source's columns that rows are made of. */
export const sourceColumns = ({ sources, kept }: Pick<DatasetPlan, 'sources' | 'kept'>): string[] => [
  ...sources.values(),
  ...kept,
];
