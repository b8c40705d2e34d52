import { z } from 'zod';
import { compileJsonSchema } from '../evaluation/json-schemas.js';
import { durationSchema, shareSchema } from './quantities.js';

const isJsonSchema = (schema: Record<string, unknown>): boolean => {
  try {
    compileJsonSchema(schema);
    return true;
  } catch {
    return false;
  }
};

/** What the gateway looks for in questions and answers. Everything is off by default, and costs nothing then. */
export const guardrailSpecSchema = z.strictObject({
  input: z
    .strictObject({
      injection: z
        .enum(['off', 'refuse'])
        .default('off')
        .describe('questions that try to replace the instructions of the release'),
      personalData: z.enum(['off', 'redact', 'refuse']).default('off').describe('redact: before a release sees it'),
      maximumCharacters: z.number().int().positive().nullable().default(null),
      languages: z
        .array(z.string().regex(/^[a-z]{2}$/, 'expected a language by its two letters, such as en'))
        .min(1)
        .nullable()
        .default(null)
        .describe('a question surely in another language is refused'),
    })
    .prefault({}),
  output: z
    .strictObject({
      toxicity: z
        .number()
        .gt(0)
        .max(1)
        .nullable()
        .default(null)
        .describe('answers at least this toxic are blocked; 0.8 is an insult to the reader'),
      personalData: z
        .enum(['off', 'redact', 'block'])
        .default('off')
        .describe('personal data that the question does not hold'),
      refusal: z.enum(['off', 'block']).default('off').describe('answers that decline to answer, in English'),
      jsonSchema: z
        .record(z.string(), z.unknown())
        .refine(isJsonSchema, 'expected a JSON Schema, draft 2020-12')
        .nullable()
        .default(null)
        .describe('answers that are no such JSON are blocked'),
    })
    .prefault({}),
  reply: z.string().min(1).default('I can not answer this.').describe('what users get instead of a blocked answer'),
});
export type GuardrailSpec = z.infer<typeof guardrailSpecSchema>;

export const requestLogSpecSchema = z.strictObject({
  sample: shareSchema.default(1).describe('share of the requests that are logged; feedback always is'),
  retention: durationSchema.nullable().default('PT720H').describe('null keeps the log for ever'),
  personalData: z
    .enum(['redact', 'leaveOut', 'keep'])
    .default('redact')
    .describe('leaveOut: no texts at all; users and sessions are pseudonyms unless kept'),
});
export type RequestLogSpec = z.infer<typeof requestLogSpecSchema>;

/** How the gateway treats the requests of one model, on both arms alike. */
export const gatewaySpecSchema = z.strictObject({
  guardrails: guardrailSpecSchema.prefault({}),
  requestLog: requestLogSpecSchema.prefault({}),
});
export type GatewaySpec = z.infer<typeof gatewaySpecSchema>;
