import { DataProblem } from './data-problem.js';
import { requiredTicketColumns, ticketColumns } from './ticket.js';

/** Source column by recipe column. */
export type ColumnSources = ReadonlyMap<string, string>;

const isTicketColumn = (name: string): boolean => (ticketColumns as readonly string[]).includes(name);

/**
 * Where each column of the support-tickets recipe comes from. An entry of `data.source.columns` may be written
 * `recipe: source` or `source: recipe`: the side that is a recipe column says which, and the left one wins.
 *
 * @throws DataProblem for entries that name no recipe column, all at once.
 */
export function columnSources(columns: Readonly<Record<string, string>>): ColumnSources {
  const sources = new Map<string, string>(ticketColumns.map((name) => [name, name]));
  const problems: string[] = [];
  for (const [left, right] of Object.entries(columns)) {
    if (isTicketColumn(left)) sources.set(left, right);
    else if (isTicketColumn(right)) sources.set(right, left);
    else problems.push(`data.source.columns.${left} is "${right}"`);
  }
  if (problems.length === 0) return sources;
  throw new DataProblem(
    'input',
    `${problems.join('; ')}: expected a column of the recipe on one side (${ticketColumns.join(', ')})`,
  );
}

/**
 * Proves that the source has every column that is needed.
 * @throws DataProblem naming all required columns (with `cluster`) that are missing.
 */
export function checkColumns({
  found,
  sources,
  cluster,
}: {
  found: readonly string[];
  sources: ColumnSources;
  cluster: string;
}): void {
  const missing = [...new Set<string>([...requiredTicketColumns, cluster])].flatMap((name) => {
    const source = sources.get(name) ?? name;
    if (found.includes(source)) return [];
    return [source === name ? name : `${name} (data.source.columns names it "${source}")`];
  });
  if (missing.length === 0) return;
  throw new DataProblem(
    'input',
    `columns are missing: ${missing.join(', ')}. The source has ${found.join(', ') || 'none'}. Map the names of the ` +
      'source in data.source.columns, as in { customer_query: question }; data.cluster names the column of clusters',
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
  return (fields) => Object.fromEntries(Object.entries(fields).map(([name, value]) => [renamed(name), value]));
}
