import type { DeadLetter } from './dead-letter.js';
import type { TicketRow } from './ticket.js';

/** What a filter says against a row; null lets it pass. */
export type Objection = Pick<DeadLetter, 'reason' | 'column' | 'detail'> | null;
export type RowFilter = (row: TicketRow) => Objection;

export const deadLetter = ({ row, objection }: { row: TicketRow; objection: NonNullable<Objection> }): DeadLetter => ({
  row: row.row,
  line: row.line,
  ...objection,
  record: row.fields,
});
