import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parse } from 'yaml';
import { type Prompt, promptSchema } from '../domain/release/prompt.js';
import { expectationOf, type SpecProblem } from '../domain/spec/model-spec.js';

/** A file is written by people, whose misspelt fields would be left out without a word. */
const fileSchema = promptSchema.strict();

/** The file that a spec's `prompt` names, with all that is wrong with it. */
export async function readPromptFile({
  path,
}: {
  path: string;
}): Promise<{ prompt: Prompt; problems: [] } | { prompt: null; problems: SpecProblem[] }> {
  const broken = (expected: string) => ({ prompt: null, problems: [{ path: 'prompt', value: path, expected }] });
  const text = await readFile(path, 'utf8').catch((error: unknown) => error as Error);
  if (text instanceof Error) return broken(`a readable file; ${text.message}`);
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    return broken(`YAML that can be read; ${(error as Error).message}`);
  }
  const read = fileSchema.safeParse(document);
  if (read.success) return { prompt: read.data, problems: [] };
  const known = Object.keys(fileSchema.shape).join(', ');
  const file = basename(path);
  const problems = read.error.issues.flatMap((issue): SpecProblem[] => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((field) => ({
        ...{ path: `prompt.${field}`, value: valueIn({ document, field }) },
        expected: `no such field in ${file}; a prompt has ${known}`,
      }));
    const field = issue.path.join('.');
    const expected = `${expectationOf(issue.message)} in ${file}`;
    return [{ path: field === '' ? 'prompt' : `prompt.${field}`, value: valueIn({ document, field }), expected }];
  });
  return { prompt: null, problems };
}

const valueIn = ({ document, field }: { document: unknown; field: string }): unknown =>
  typeof document === 'object' && document !== null ? (document as Record<string, unknown>)[field] : document;
