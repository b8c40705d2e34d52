import type { RowFilter } from './row-filters.js';

/** Only resolved tickets teach: the answer of an unresolved one did not help. */
export const resolvedOnly: RowFilter = ({ ticket }) =>
  ticket.resolved ? null : { reason: 'unresolved', column: 'resolved', detail: 'the ticket was not resolved' };
