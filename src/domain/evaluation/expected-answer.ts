import { RE2JS } from 're2js';
import { z } from 'zod';
import { compileJsonSchema } from './json-schemas.js';

export const answerFormats = [
  'json',
  'plainText',
  'oneLine',
  'oneParagraph',
  'bulletList',
  'numberedList',
  'table',
  'noHeadings',
  'noLinks',
  'noCode',
] as const;
export type AnswerFormat = (typeof answerFormats)[number];

/** Why a text is no regular expression in RE2 syntax, or null. */
function patternProblem(pattern: string): string | null {
  try {
    RE2JS.compile(pattern);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function schemaProblem(schema: JsonSchema): string | null {
  try {
    compileJsonSchema(schema);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

const jsonSchemaSchema = z.union([z.boolean(), z.record(z.string(), z.unknown())]);
export type JsonSchema = z.infer<typeof jsonSchemaSchema>;

const count = z.number().int().min(0);

/** What any right answer to a case looks like, whatever its words. Each field feeds the scorer that names it. */
export const expectedAnswerSchema = z.strictObject({
  pattern: z
    .string()
    .min(1)
    .superRefine((pattern, context) => {
      const problem = patternProblem(pattern);
      if (problem !== null)
        context.addIssue({ code: 'custom', message: `expected a regular expression in RE2 syntax: ${problem}` });
    })
    .optional(),
  jsonSchema: jsonSchemaSchema
    .superRefine((schema, context) => {
      const problem = schemaProblem(schema);
      if (problem !== null)
        context.addIssue({ code: 'custom', message: `expected a JSON Schema (2020-12): ${problem}` });
    })
    .optional(),
  format: z.array(z.enum(answerFormats)).min(1).optional(),
  words: z
    .strictObject({ min: count.optional(), max: count.optional() })
    .refine(({ min, max }) => min !== undefined || max !== undefined, 'expected min, max or both')
    .refine(({ min = 0, max = Infinity }) => min <= max, 'expected min to be at most max')
    .optional(),
  forbiddenPhrases: z.array(z.string().trim().min(1, 'expected text')).min(1).optional(),
  language: z
    .string()
    .regex(/^[a-z]{2}$/, 'expected an ISO 639-1 code such as en')
    .optional(),
  refusal: z.boolean().optional().describe('whether the right answer is to decline'),
});
export type ExpectedAnswer = z.infer<typeof expectedAnswerSchema>;
