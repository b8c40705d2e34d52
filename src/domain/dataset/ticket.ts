import { z } from 'zod';
import type { DeadLetter, SourceRecord } from './dead-letter.js';

/** Longest question or answer, in characters. More is a pasted log or an attack, not a conversation. */
const longestText = 100_000;

const asText = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const identifier = asText.pipe(z.string().trim().min(1, 'expected a value')).pipe(z.string().max(1000));
const absent = (value: unknown): unknown =>
  value === undefined || (typeof value === 'string' && value.trim() === '') ? null : value;
const text = z.preprocess(
  (value) => value ?? '',
  asText.pipe(z.string().max(longestText, `expected at most ${longestText} characters`)),
);

const truths: Record<string, boolean> = { true: true, yes: true, '1': true, false: false, no: false, '0': false };
const yesOrNo = asText.transform((value, context) => {
  const known = truths[value.trim().toLowerCase()];
  if (known !== undefined) return known;
  context.addIssue({ code: 'custom', message: 'expected true or false (yes, no, 1 and 0 are read too)' });
  return z.NEVER;
});

const isoTime = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;
const time = asText.transform((value, context) => {
  const written = value.trim();
  const zoned = /[T ].*(?:Z|[+-]\d{2}:?\d{2})$/.test(written) || written.length === 10 ? written : `${written}Z`;
  const parsed = isoTime.test(written) ? new Date(zoned.replace(' ', 'T')) : new Date(Number.NaN);
  if (!Number.isNaN(parsed.getTime())) return parsed.toISOString();
  context.addIssue({ code: 'custom', message: 'expected ISO 8601 such as 2026-03-31 or 2026-03-31T14:05:00Z' });
  return z.NEVER;
});

const numeric = asText.transform((value, context) => {
  const parsed = Number(value.trim());
  if (Number.isFinite(parsed)) return parsed;
  context.addIssue({ code: 'custom', message: 'expected a number' });
  return z.NEVER;
});

const optional = <Schema extends z.ZodType>(schema: Schema) => z.preprocess(absent, schema.nullable()).default(null);

/** A row of the support-tickets recipe. A time without a zone is read as UTC. */
export const ticketSchema = z.object({
  ticket_id: identifier,
  created_at: optional(time),
  customer_id: optional(identifier),
  customer_query: text,
  agent_response: text,
  category: optional(identifier),
  resolved: yesOrNo,
  rating: optional(numeric),
  language: optional(asText.transform((value) => value.trim().toLowerCase())),
});
export type Ticket = z.infer<typeof ticketSchema>;

export const ticketColumns = Object.keys(ticketSchema.shape) as (keyof Ticket)[];

/** Columns without which no row of the recipe can be made. */
export const requiredTicketColumns = ['ticket_id', 'customer_query', 'agent_response', 'category', 'resolved'] as const;

/** A ticket and where it came from; `fields` are the source's columns under the recipe's names. */
export interface TicketRow extends SourceRecord {
  ticket: Ticket;
}

/** Whether a row went on or became a dead letter. */
export type RowResult = { row: TicketRow; letter: null } | { row: null; letter: DeadLetter };

const shown = (value: unknown): string => {
  const written = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return written.length > 80 ? `${written.slice(0, 80)}… (${written.length} characters)` : written;
};

/** Reads a mapped record as a ticket; what can't be read becomes a dead letter that names the column. */
export function parseTicket(record: SourceRecord): RowResult {
  const parsed = ticketSchema.safeParse(record.fields);
  if (parsed.success) return { row: { ...record, ticket: parsed.data }, letter: null };
  const issue = parsed.error.issues[0]!;
  const column = String(issue.path[0]);
  const detail = `column ${column} is "${shown(record.fields[column])}": ${issue.message}`;
  const { row, line, fields } = record;
  return { row: null, letter: { row, line, reason: 'invalidRow', column, detail, record: fields } };
}
