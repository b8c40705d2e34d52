import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseRubric, type Rubric } from '../../domain/evaluation/judge/rubric.js';

/** The rubrics that come with the code. */
export const rubricFolder = fileURLToPath(new URL('../../../rubrics', import.meta.url));

/**
 * The rubrics of a folder of YAML files, by metric.
 * @throws RangeError naming the file and every field that misfits.
 */
export async function readRubrics({ folder }: { folder: string }): Promise<Readonly<Record<string, Rubric>>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  const rubrics = await Promise.all(
    names.map(async (name) => parseRubric({ name, text: await readFile(join(folder, name), 'utf8') })),
  );
  return Object.fromEntries(rubrics.map((rubric) => [rubric.metric, rubric]));
}
