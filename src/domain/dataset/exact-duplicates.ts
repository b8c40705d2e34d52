import { sha256Hex } from '../release/evidence.js';
import type { DeadLetter } from './dead-letter.js';
import { deadLetter } from './row-filters.js';
import type { TicketRow } from './ticket.js';
import { wordsOf } from './words.js';

const textKey = ({ ticket }: TicketRow): string =>
  sha256Hex(`${wordsOf(ticket.customer_query).join(' ')}\n${wordsOf(ticket.agent_response).join(' ')}`);

const isBetter = (one: TicketRow, other: TicketRow): boolean =>
  (one.ticket.rating ?? -Infinity) > (other.ticket.rating ?? -Infinity);

/** Keeps one row of those with the same words in question and answer: the best rated, of equals the first. */
export function withoutExactDuplicates(rows: readonly TicketRow[]): { kept: TicketRow[]; letters: DeadLetter[] } {
  const keys = rows.map(textKey);
  const best = new Map<string, TicketRow>();
  rows.forEach((row, index) => {
    const known = best.get(keys[index]!);
    if (!known || isBetter(row, known)) best.set(keys[index]!, row);
  });
  const kept: TicketRow[] = [];
  const letters: DeadLetter[] = [];
  rows.forEach((row, index) => {
    const winner = best.get(keys[index]!)!;
    if (winner === row) return kept.push(row);
    const detail = `same words as row ${winner.row} (ticket ${winner.ticket.ticket_id})`;
    return letters.push(deadLetter({ row, objection: { reason: 'duplicate', column: 'customer_query', detail } }));
  });
  return { kept, letters };
}
