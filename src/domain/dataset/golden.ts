import { z } from 'zod';
import { expectedAnswerSchema } from '../evaluation/expected-answer.js';

const words = z.string().trim().min(1, 'expected text');

/** A frozen evaluation case. `tags` name the slices it belongs to, such as { category: "delivery", language: "en" }. */
export const goldenCaseSchema = z.strictObject({
  id: words,
  input: words,
  reference: words,
  cluster: words.optional().describe('cases of one customer, product or document; without it a case stands alone'),
  tags: z.record(z.string(), z.string()).default({}),
  expectedTopics: z.array(z.string()).optional(),
  expected: expectedAnswerSchema.optional(),
  relevantDocuments: z.array(z.string()).optional(),
  relevance: z.record(z.string(), z.number().min(0)).optional().describe('how relevant each document is, by id'),
  paraphrases: z.array(words).optional().describe('other wordings of the same question'),
  source: z.string().optional(),
  reviewer: z.string().optional(),
  date: z.iso.date().optional().describe('when a person last looked at it'),
});
export type GoldenCase = Omit<z.infer<typeof goldenCaseSchema>, 'cluster'> & { cluster: string };

export interface GoldenProblem {
  line: number;
  field: string;
  value: unknown;
  expected: string;
}

const fewCases = 50;
const quarterDays = 92;
const dayMilliseconds = 86_400_000;

function parseLine({
  text,
  line,
}: {
  text: string;
  line: number;
}): { case: GoldenCase } | { problems: GoldenProblem[] } {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    const expected = `one JSON object a line (${(error as Error).message})`;
    return { problems: [{ line, field: '(line)', value: text.slice(0, 80), expected }] };
  }
  const parsed = goldenCaseSchema.safeParse(document);
  if (parsed.success) return { case: { ...parsed.data, cluster: parsed.data.cluster ?? parsed.data.id } };
  return {
    problems: parsed.error.issues.map((issue) => {
      const unknown = issue.code === 'unrecognized_keys';
      const path = unknown ? [...issue.path, issue.keys.join(', ')] : issue.path;
      const value = path.reduce<unknown>(
        (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
        document,
      );
      const expected = unknown ? 'no such field; check its spelling or remove it' : issue.message;
      return { line, field: path.join('.') || '(line)', value: value ?? null, expected };
    }),
  };
}

/**
 * Reads a golden set from JSONL. Every problem of every line is named; `cases` holds the good lines, and a set with
 * problems must not be used. Warnings are about sets that can be read and are weak: few cases, the same question twice,
 * cases that nobody has looked at for a quarter.
 *
 * @param now ISO 8601 time the age of cases is told from; null leaves the age out
 */
export function parseGoldenSet({ text, now }: { text: string; now: string | null }): {
  cases: GoldenCase[];
  problems: GoldenProblem[];
  warnings: string[];
} {
  const read = readGoldenCases({ text });
  return { ...read, warnings: warningsOf({ cases: read.cases, now }) };
}

/** As `parseGoldenSet`, without its warnings: what a set that was frozen needs. */
export function readGoldenCases({ text }: { text: string }): { cases: GoldenCase[]; problems: GoldenProblem[] } {
  const cases: GoldenCase[] = [];
  const problems = scanGoldenLines({ lines: text.split('\n'), onCase: (one) => cases.push(one) });
  return { cases, problems };
}

/**
 * Looks at every line of a golden set in turn, so that nobody has to hold all cases at once.
 * @param onCase is told each good case with its line, from 0
 * @returns every problem of every line
 */
export function scanGoldenLines({
  lines,
  onCase,
}: {
  lines: Iterable<string>;
  onCase: (one: GoldenCase, line: number) => void;
}): GoldenProblem[] {
  const problems: GoldenProblem[] = [];
  const lineOfId = new Map<string, number>();
  let line = 0;
  for (const text of lines) {
    line += 1;
    if (bare(text).trim() === '') continue;
    const parsed = parseLine({ text: bare(text), line });
    if ('problems' in parsed) {
      problems.push(...parsed.problems);
      continue;
    }
    const { id } = parsed.case;
    const first = lineOfId.get(id);
    if (first === undefined) {
      lineOfId.set(id, line);
      onCase(parsed.case, line - 1);
    } else problems.push({ line, field: 'id', value: id, expected: `an id of its own; line ${first} has it already` });
  }
  if (lineOfId.size === 0 && problems.length === 0)
    problems.push({ line: 1, field: '(line)', value: null, expected: 'at least one case, one JSON object a line' });
  return problems;
}

/** The case of a line that `scanGoldenLines` found good. */
export function parseGoldenLine(text: string): GoldenCase {
  const one = goldenCaseSchema.parse(JSON.parse(bare(text)));
  return { ...one, cluster: one.cluster ?? one.id };
}

const bare = (text: string): string => text.replace(/^\ufeff/, '');

function warningsOf({ cases, now }: { cases: readonly GoldenCase[]; now: string | null }): string[] {
  const warnings: string[] = [];
  if (cases.length < fewCases)
    warnings.push(`${cases.length} cases < ${fewCases}: only large differences can be shown with so few`);
  const byQuestion = new Map<string, string[]>();
  for (const one of cases) {
    const question = one.input.trim().toLowerCase().replace(/\s+/g, ' ');
    byQuestion.set(question, [...(byQuestion.get(question) ?? []), one.id]);
  }
  for (const ids of byQuestion.values())
    if (ids.length > 1) warnings.push(`cases ${ids.join(', ')} ask the same question`);
  if (now === null) return warnings;
  const old = cases.filter(
    (one) => one.date !== undefined && Date.parse(now) - Date.parse(one.date) > quarterDays * dayMilliseconds,
  );
  if (old.length > 0)
    warnings.push(`${old.length} cases were last reviewed over ${quarterDays} days ago, such as ${old[0]!.id}`);
  return warnings;
}
