import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import { CannotRun } from './command-context.js';

const shownProblems = 5;
/** Editors and spreadsheets put it before the first line. */
const byteOrderMark = /^\ufeff/;
/** What Python writes for a missing number, outside of texts. */
const noNumber = /[:[,]\s*-?(?:NaN|Infinity)\b/;

/**
 * Reads a JSON lines file row by row, whatever its size.
 * @throws CannotRun naming the file and the first wrong lines with what was expected there.
 */
export async function readRows<Row>({ file, schema }: { file: string; schema: z.ZodType<Row> }): Promise<Row[]> {
  const rows: Row[] = [];
  const problems: string[] = [];
  let number = 0;
  try {
    for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      number += 1;
      const line = number === 1 ? text.replace(byteOrderMark, '') : text;
      if (line.trim() === '') continue;
      const row = parseRow({ line, schema });
      if (typeof row === 'string') problems.push(`  ${file}:${number}: ${row}`);
      else rows.push(row.value);
      if (problems.length === shownProblems) break;
    }
  } catch (error) {
    throw new CannotRun(`${file} can't be read: ${(error as Error).message}`);
  }
  if (problems.length > 0) throw new CannotRun(`${file} has rows that are not as expected:\n${problems.join('\n')}`);
  if (rows.length === 0) throw new CannotRun(`${file}: expected JSON lines, found none`);
  return rows;
}

function parseRow<Row>({ line, schema }: { line: string; schema: z.ZodType<Row> }): { value: Row } | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    const mend = noNumber.test(line) ? '; JSON has no NaN, write null for what was not measured' : '';
    return `expected a JSON object, found ${line.slice(0, 60)}${mend}`;
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data };
  return parsed.error.issues.map((issue) => `${issue.path.join('.') || 'row'}: ${issue.message}`).join('; ');
}
