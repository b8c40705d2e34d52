import { DataProblem } from './data-problem.js';
import type { Recipe } from './recipes.js';

/** Source column by recipe column. */
export type ColumnSources = ReadonlyMap<string, string>;

/**
 * Where each column of the recipe comes from. An entry of `data.source.columns` may be written `recipe: source` or
 * `source: recipe`: the side that is a recipe column says which, and the left one wins.
 *
 * @throws DataProblem for entries that name no recipe column, all at once.
 */
export function columnSources({
  columns,
  recipe,
}: {
  columns: Readonly<Record<string, string>>;
  recipe: Recipe;
}): ColumnSources {
  const sources = new Map<string, string>(recipe.columns.map((name) => [name, name]));
  const problems: string[] = [];
  for (const [left, right] of Object.entries(columns)) {
    if (recipe.columns.includes(left)) sources.set(left, right);
    else if (recipe.columns.includes(right)) sources.set(right, left);
    else problems.push(`data.source.columns.${left} is "${right}"`);
  }
  if (problems.length === 0) return sources;
  throw new DataProblem(
    'input',
    `${problems.join('; ')}: expected a column of the recipe on one side (${recipe.columns.join(', ')})`,
  );
}

/**
 * Proves that the source has every column that is needed.
 * @param needed columns besides the recipe's own required ones, such as that of the clusters
 * @throws DataProblem naming all required columns that are missing.
 */
export function checkColumns({
  found,
  sources,
  recipe,
  needed,
}: {
  found: readonly string[];
  sources: ColumnSources;
  recipe: Recipe;
  needed: readonly string[];
}): void {
  const missing = [...new Set([...recipe.required, ...needed])].flatMap((name) => {
    const source = sources.get(name) ?? name;
    if (found.includes(source)) return [];
    return [source === name ? name : `${name} (data.source.columns names it "${source}")`];
  });
  if (missing.length === 0) return;
  throw new DataProblem(
    'input',
    `columns are missing: ${missing.join(', ')}. The source has ${found.join(', ') || 'none'}. Map the names of the ` +
      `source in data.source.columns, as in { ${recipe.required[1]}: <its name there> }; data.cluster names the column ` +
      'of clusters',
  );
}

/** The recipe's name of a column that the spec may call by either name; the recipe's own names come first. */
export function recipeColumn({ sources, column }: { sources: ColumnSources; column: string }): string {
  if (sources.has(column)) return column;
  for (const [name, source] of sources) if (source === column) return name;
  return column;
}

/** A function that gives a record's fields the recipe's names; a column whose name another one took is `source.<name>`. */
export function columnRenamer(
  sources: ColumnSources,
): (fields: Readonly<Record<string, unknown>>) => Record<string, unknown> {
  const recipeNames = new Map([...sources].map(([name, source]) => [source, name]));
  const renamed = (name: string): string => recipeNames.get(name) ?? (sources.has(name) ? `source.${name}` : name);
  return (fields) => {
    // Without a prototype, since a field may have the name of one of its properties.
    const named = Object.create(null) as Record<string, unknown>;
    for (const name of Object.keys(fields)) named[renamed(name)] = fields[name];
    return named;
  };
}
