import { readFile, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import type { LabelTask, ReturnedRow } from '../../../domain/evaluation/judge/label-sheet.js';
import { CannotRun } from '../command-context.js';
import { readRows } from '../read-rows.js';

const isCsv = (file: string): boolean => extname(file).toLowerCase() === '.csv';

const returnedSchema: z.ZodType<ReturnedRow> = z.object({
  row: z.string().min(1),
  number: z.coerce.number().int().min(1),
  of: z.coerce.number().int().min(1),
  label: z
    .union([z.string(), z.number()])
    .nullish()
    .transform((label) => String(label ?? '')),
});

/**
 * Writes answers for a person to label, as CSV for a spreadsheet or JSON lines. A cell that a spreadsheet would take for a
 * formula is shown as text.
 */
export async function writeSheet({ file, tasks }: { file: string; tasks: readonly LabelTask[] }): Promise<void> {
  const rows = tasks.map(({ row, question, reference, documents, answer, other }, index) => ({
    ...{ row, number: index + 1, of: tasks.length, question, reference },
    ...(other === null ? { documents: documents.join('\n\n'), answer } : { first: answer, second: other }),
    label: '',
  }));
  const text = isCsv(file)
    ? stringify(rows, { header: true, escape_formulas: true, bom: true })
    : rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  // A sheet that somebody is filling in must not be lost.
  await writeFile(file, text, { flag: 'wx' }).catch((error: unknown) => {
    throw new CannotRun(`${file} can't be written: ${(error as Error).message}; name a file that is not there yet`);
  });
}

/**
 * Reads a sheet that a person filled in.
 * @throws CannotRun naming file and line of what is no row of a sheet.
 */
export async function readSheet({ file }: { file: string }): Promise<ReturnedRow[]> {
  if (!isCsv(file)) return await readRows({ file, schema: returnedSchema });
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CannotRun(`${file} can't be read: ${(error as Error).message}`);
  });
  const read = z.array(returnedSchema).safeParse(parsedCsv({ file, text }));
  if (read.success) return read.data;
  const problems = read.error.issues.map(
    ({ path, message }) => `  row ${Number(path[0]) + 1}: ${String(path[1])}: ${message}`,
  );
  throw new CannotRun(`${file} has rows that are not as expected:\n${problems.join('\n')}`);
}

function parsedCsv({ file, text }: { file: string; text: string }): unknown {
  try {
    // Spreadsheets of some countries part cells with semicolons.
    return parse(text, { columns: true, bom: true, delimiter: [',', ';'], skip_empty_lines: true });
  } catch (error) {
    throw new CannotRun(`${file} is no CSV: ${(error as Error).message}`);
  }
}
