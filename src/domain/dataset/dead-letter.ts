import { z } from 'zod';

/** Why a row was left out, in the order of the steps that look for it. */
export const deadLetterReasons = [
  'unreadable',
  'invalidRow',
  'unresolved',
  'language',
  'toxic',
  'tooShort',
  'repeatedCharacters',
  'spam',
  'emptyAnswer',
  'duplicate',
  'nearDuplicate',
  'contaminated',
  'trainedQuestion',
] as const;
export type DeadLetterReason = (typeof deadLetterReasons)[number];

/** A row that was read and not published, with what it held and why. `row` counts data rows from 1. */
export const deadLetterSchema = z.object({
  row: z.number().int().min(1),
  line: z.number().int().min(1).describe('line of the source on which the row ends; its number where there are none'),
  reason: z.enum(deadLetterReasons),
  column: z.string().nullable(),
  detail: z.string().min(1),
  record: z.unknown().describe('the row as it was read, personal data replaced'),
});
export type DeadLetter = z.infer<typeof deadLetterSchema>;

/** One row of the source as it was read, before any column is known. */
export interface SourceRecord {
  row: number;
  line: number;
  fields: Record<string, unknown>;
}

/** Dead letters by reason; reasons that never occurred are left out. */
export function countByReason(letters: Iterable<Pick<DeadLetter, 'reason'>>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { reason } of letters) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}

/** How many rows were left after each step that a reason belongs to, from all that were read down to the published. */
export function funnel({
  read,
  deadLettered,
}: {
  read: number;
  deadLettered: Record<string, number>;
}): { step: string; rows: number }[] {
  let rows = read;
  const steps = deadLetterReasons.map((reason) => {
    rows -= deadLettered[reason] ?? 0;
    return { step: `without ${reason}`, rows };
  });
  return [{ step: 'read', rows: read }, ...steps];
}
