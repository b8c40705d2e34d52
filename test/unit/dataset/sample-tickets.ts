import type { SourceRecord } from '../../../src/domain/dataset/dead-letter.js';

/** A good ticket under the recipe's names. */
export const ticketFields = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  ticket_id: 'T-1',
  created_at: '2026-03-31T14:05:00Z',
  customer_id: 'C-1',
  customer_query: 'Where is my parcel with number 4711 right now?',
  agent_response: 'Parcel 4711 is at the depot in Utrecht and arrives tomorrow.',
  category: 'tracking',
  resolved: 'true',
  ...changes,
});

export const record = (changes: Record<string, unknown> = {}, row = 1): SourceRecord => ({
  row,
  line: row + 1,
  fields: ticketFields(changes),
});
