import type { Prompt } from '../release/prompt.js';
import { renderPrompt } from '../release/prompt.js';
import type { Split } from './split.js';
import type { Ticket, TicketRow } from './ticket.js';

/** One JSON object a line, ended by a line feed; empty text for no rows. */
export const jsonLines = (rows: Iterable<unknown>): string =>
  Array.from(rows, (row) => `${JSON.stringify(row)}\n`).join('');

/** A ticket as the chat it teaches, asked just as evaluation and gateway will ask. */
export const chatExample = ({
  ticket,
  prompt,
}: {
  ticket: Ticket;
  prompt: Prompt;
}): { messages: { role: 'system' | 'user' | 'assistant'; content: string }[] } => ({
  messages: [
    ...renderPrompt({ prompt, query: ticket.customer_query }),
    { role: 'assistant', content: ticket.agent_response },
  ],
});

/** A published row as people and later statistics read it. */
export const tableRow = ({
  row,
  cluster,
  split,
}: {
  row: TicketRow;
  cluster: string;
  split: Split;
}): Record<string, unknown> => ({ row: row.row, split, cluster, ...row.ticket });
