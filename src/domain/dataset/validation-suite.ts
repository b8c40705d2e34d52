import { formatShare } from '../statistics/format.js';
import type { ValidationRule } from '../spec/data-spec.js';
import { DataProblem } from './data-problem.js';
import type { DataRow, Scalar } from './data-row.js';
import { int32Columns } from './near-duplicates/growing-columns.js';
import { KeyNumbers } from './near-duplicates/key-numbers.js';
import { textKey } from './near-duplicates/text-key.js';

const examplesShown = 5;

export interface ValidationFailure {
  /** Position in `data.validation`; null for the rule on the ids of rows. */
  rule: number | null;
  /** What was promised and found, with both numbers and the first rows that break it. */
  message: string;
}

export interface ValidationSuite {
  /** Holds a row against every rule. Rows come in any number; nothing of them is kept but 30 bytes for each unique key. */
  see: (row: DataRow) => void;
  /**
   * Every rule that is broken, that on the ids of rows first, then in the order of the spec; empty where all hold.
   * @param previous the version before, or null where there is none; then `rowCountChange` has nothing to compare with
   */
  finish: (against: { previous: { rows: number } | null }) => ValidationFailure[];
}

interface Check {
  see: (row: DataRow) => void;
  finish: (found: { rows: number; previous: { rows: number } | null }) => string | null;
}

/** A check of single values: counts the rows that break the rule and keeps the first few. */
function valueCheck({
  rule,
  column,
  objectionTo,
}: {
  rule: string;
  column: string;
  objectionTo: (value: Scalar, row: DataRow) => string | null;
}): Check {
  const examples: string[] = [];
  let broken = 0;
  return {
    see: (row) => {
      const objection = objectionTo(row.values[column] ?? null, row);
      if (objection === null) return;
      broken += 1;
      if (examples.length < examplesShown) examples.push(`row ${row.row} (line ${row.line}): ${objection}`);
    },
    finish: ({ rows }) => {
      if (broken === 0) return null;
      const more = broken > examplesShown ? ` and ${broken - examplesShown} more` : '';
      return `${broken} of ${rows} rows break rule ${rule} on column ${column}: ${examples.join('; ')}${more}`;
    },
  };
}

type Shown = (value: Scalar) => string;

const quoted: Shown = (value) => `"${String(value)}"`;
const unnamed: Shown = () => 'its value';

/** Rows by the 64-bit hash of their value, which two of a million different values share with a chance of 3 in 10^8. */
function uniqueObjection(shown: Shown): (value: Scalar, row: DataRow) => string | null {
  const keys = new KeyNumbers();
  const firstRows = int32Columns();
  return (value, { row }) => {
    if (value === null) return null;
    const known = keys.size;
    const number = keys.numberOf(textKey(String(value)));
    if (number < known) return `${shown(value)} stands in row ${firstRows.get(number)} already`;
    firstRows.reserve(number);
    firstRows.set(number, row);
    return null;
  };
}

/** Two rows of one id are an export that went wrong more often than not, so it takes a word to let them pass. */
function idCheck(column: string): Check {
  const check = valueCheck({ rule: 'unique', column, objectionTo: uniqueObjection(quoted) });
  return {
    see: check.see,
    finish: (found) => {
      const message = check.finish(found);
      return message === null
        ? null
        : `${message} (ids of rows must differ; data.uniqueIds: false turns this rule off)`;
    },
  };
}

function rangeObjection({ min, max, shown }: { min?: number | undefined; max?: number | undefined; shown: Shown }) {
  return (value: Scalar): string | null => {
    if (value === null) return null;
    const number = typeof value === 'number' ? value : Number(value);
    if (Number.isNaN(number)) return `${shown(value)} is no number`;
    const written = shown === quoted ? String(number) : shown(number);
    if (min !== undefined && number < min) return `${written} < ${min}`;
    if (max !== undefined && number > max) return `${written} > ${max}`;
    return null;
  };
}

function nullRateCheck({ column, max }: { column: string; max: number }): Check {
  let nulls = 0;
  return {
    see: ({ values }) => {
      if ((values[column] ?? null) === null) nulls += 1;
    },
    finish: ({ rows }) => {
      const rate = rows === 0 ? 0 : nulls / rows;
      if (rate <= max) return null;
      return `column ${column} is empty in ${nulls} of ${rows} rows: ${formatShare(rate)} > ${formatShare(max)}`;
    },
  };
}

const rowCountCheck = ({ max }: { max: number }): Check => ({
  see: () => undefined,
  finish: ({ rows, previous }) => {
    if (previous === null || previous.rows === 0) return null;
    const change = Math.abs(rows - previous.rows) / previous.rows;
    if (change <= max) return null;
    return `${rows} rows against ${previous.rows} of the version before: a change of ${formatShare(change)} > ${formatShare(max)}`;
  },
});

function checkOf({ rule, unshown }: { rule: ValidationRule; unshown: readonly string[] }): Check {
  const shown = 'column' in rule && unshown.includes(rule.column) ? unnamed : quoted;
  switch (rule.rule) {
    case 'unique':
      return valueCheck({ ...rule, objectionTo: uniqueObjection(shown) });
    case 'required':
      return valueCheck({ ...rule, objectionTo: (value) => (value === null ? 'is empty' : null) });
    case 'range':
      return valueCheck({ ...rule, objectionTo: rangeObjection({ ...rule, shown }) });
    case 'set': {
      const allowed = new Set(rule.values);
      const objectionTo = (value: Scalar): string | null =>
        value === null || allowed.has(String(value)) ? null : `${shown(value)} is not in the set`;
      return valueCheck({ ...rule, objectionTo });
    }
    case 'nullRate':
      return nullRateCheck(rule);
    case 'rowCountChange':
      return rowCountCheck(rule);
  }
}

function unusable({ rule, columns }: { rule: ValidationRule; columns: readonly string[] }): string | null {
  if (rule.rule === 'rowCountChange') return null;
  if (!columns.includes(rule.column)) return `no such column; rows have ${columns.join(', ')}`;
  if (rule.rule === 'range' && rule.min === undefined && rule.max === undefined) return 'expected min, max or both';
  if (rule.rule === 'set' && rule.values.length === 0) return 'expected values';
  return null;
}

/**
 * Holds the rules of `data.validation` against rows as they pass. Only `required` and `nullRate` object to a value that
 * is not there.
 *
 * @param columns names that rows have; a rule on another one can't be used
 * @param uniqueId the column of the rows' ids where no two may be equal, whatever the rules say; else null
 * @param unshown columns of which no message shows a value
 * @throws DataProblem naming every rule that can't be used as it is written
 */
export function createValidation({
  rules,
  columns,
  uniqueId,
  unshown,
}: {
  rules: readonly ValidationRule[];
  columns: readonly string[];
  uniqueId: string | null;
  unshown: readonly string[];
}): ValidationSuite {
  const misfits = rules.flatMap((rule, index) => {
    const problem = unusable({ rule, columns });
    const on = 'column' in rule ? ` on column ${rule.column}` : '';
    return problem === null ? [] : [`data.validation.${index} (${rule.rule}${on}): ${problem}`];
  });
  if (misfits.length > 0) throw new DataProblem('input', misfits.join('; '));
  const checks: { rule: number | null; check: Check }[] = rules.map((rule, index) => ({
    rule: index,
    check: checkOf({ rule, unshown }),
  }));
  const isNamed = rules.some((rule) => rule.rule === 'unique' && rule.column === uniqueId);
  if (uniqueId !== null && !isNamed) checks.unshift({ rule: null, check: idCheck(uniqueId) });
  let rows = 0;
  return {
    see: (row) => {
      rows += 1;
      for (const { check } of checks) check.see(row);
    },
    finish: ({ previous }) =>
      checks.flatMap(({ rule, check }) => {
        const message = check.finish({ rows, previous });
        return message === null ? [] : [{ rule, message }];
      }),
  };
}

/** @throws DataProblem with all failures, so that nothing is published */
export function refuseInvalid(failures: readonly ValidationFailure[]): void {
  if (failures.length === 0) return;
  throw new DataProblem(
    'refused',
    `validation failed, nothing was published. ${failures.map(({ message }) => message).join('. ')}. ` +
      'Mend the source or the rule in data.validation',
  );
}
