import { z } from 'zod';
import { identifier, languageTag, numeric, optional, time, writtenText, yesOrNo } from './field-schemas.js';

/** A row of the support-tickets recipe. A time without a zone is read as UTC. */
export const ticketSchema = z.object({
  ticket_id: identifier,
  created_at: optional(time),
  customer_id: optional(identifier),
  customer_query: writtenText,
  agent_response: writtenText,
  category: optional(identifier),
  resolved: yesOrNo,
  rating: optional(numeric),
  language: optional(languageTag),
});
export type Ticket = z.infer<typeof ticketSchema>;

/** Columns without which no row of the recipe can be made. */
export const requiredTicketColumns = ['ticket_id', 'customer_query', 'agent_response', 'category', 'resolved'] as const;
