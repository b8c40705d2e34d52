import type { DataSpec } from '../spec/data-spec.js';
import { DataProblem } from './data-problem.js';
import { ticketColumns, type TicketRow } from './ticket.js';

type Rule = Exclude<DataSpec['validation'][number], { rule: 'nullRate' | 'rowCountChange' }>;
type Scalar = string | number | boolean | null;

const examplesShown = 5;

/** A column's value in a row: the ticket's own, or that of another column of the source. Empty text is null. */
export function columnValue({ row, column }: { row: TicketRow; column: string }): Scalar {
  const value: unknown = Object.hasOwn(row.ticket, column)
    ? row.ticket[column as keyof TicketRow['ticket']]
    : row.fields[column];
  if (value === undefined || value === null || value === '') return null;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : JSON.stringify(value);
}

/** What is wrong with a value, or null. Only `required` objects to a value that is not there. */
function objectionTo({ value, rule, seen }: { value: Scalar; rule: Rule; seen: Map<string, number> }): string | null {
  if (value === null) return rule.rule === 'required' ? 'is empty' : null;
  const written = String(value);
  switch (rule.rule) {
    case 'required':
      return null;
    case 'unique': {
      const first = seen.get(written);
      return first === undefined ? null : `"${written}" stands in row ${first} already`;
    }
    case 'set':
      return rule.values.includes(written) ? null : `"${written}" is not in the set`;
    case 'range': {
      const number = typeof value === 'number' ? value : Number(written);
      if (Number.isNaN(number)) return `"${written}" is no number`;
      if (rule.min !== undefined && number < rule.min) return `${number} < ${rule.min}`;
      if (rule.max !== undefined && number > rule.max) return `${number} > ${rule.max}`;
      return null;
    }
  }
}

function unusable({ rule, sourceColumns }: { rule: Rule; sourceColumns: readonly string[] }): string | null {
  const known = (ticketColumns as readonly string[]).includes(rule.column) || sourceColumns.includes(rule.column);
  if (!known) return `no such column; the source has ${sourceColumns.join(', ')}`;
  if (rule.rule === 'range' && rule.min === undefined && rule.max === undefined) return 'expected min, max or both';
  if (rule.rule === 'set' && rule.values.length === 0) return 'expected values';
  return null;
}

function brokenBy({ rows, rule }: { rows: readonly TicketRow[]; rule: Rule }): string[] {
  const seen = new Map<string, number>();
  return rows.flatMap((row) => {
    const value = columnValue({ row, column: rule.column });
    const objection = objectionTo({ value, rule, seen });
    if (rule.rule === 'unique' && objection === null && value !== null) seen.set(String(value), row.row);
    return objection === null ? [] : [`row ${row.row} (line ${row.line}): ${objection}`];
  });
}

/**
 * Holds every rule of `data.validation` against the rows that are left after cleaning.
 *
 * @throws DataProblem naming every broken rule with its column and the first rows that break it, so that nothing is
 * published; and for a rule that can't be used as it is written.
 */
export function validateRows({
  rows,
  rules: declared,
  sourceColumns,
}: {
  rows: readonly TicketRow[];
  rules: DataSpec['validation'];
  sourceColumns: readonly string[];
}): void {
  const rules = declared.filter((rule) => rule.rule !== 'nullRate' && rule.rule !== 'rowCountChange');
  const misfits = rules.flatMap((rule, index) => {
    const problem = unusable({ rule, sourceColumns });
    return problem ? [`data.validation.${index} (${rule.rule} on column ${rule.column}): ${problem}`] : [];
  });
  if (misfits.length > 0) throw new DataProblem('input', misfits.join('; '));
  const failures = rules.flatMap((rule) => {
    const broken = brokenBy({ rows, rule });
    if (broken.length === 0) return [];
    const more = broken.length > examplesShown ? ` and ${broken.length - examplesShown} more` : '';
    const share = `${broken.length} of ${rows.length} rows break rule ${rule.rule} on column ${rule.column}`;
    return [`${share}: ${broken.slice(0, examplesShown).join('; ')}${more}`];
  });
  if (failures.length > 0) {
    throw new DataProblem(
      'refused',
      `validation failed, nothing was published. ${failures.join('. ')}. Mend the source or the rule in data.validation`,
    );
  }
}
