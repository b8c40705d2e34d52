import { z } from 'zod';
import { identifier, languageTag, numeric, optional, time, writtenText, yesOrNo } from './field-schemas.js';

/** A row of the reviews recipe. A time without a zone is read as UTC. */
export const reviewSchema = z.object({
  review_id: identifier,
  product_id: identifier,
  customer_id: optional(identifier),
  created_at: optional(time),
  star_rating: numeric,
  title: writtenText,
  text: writtenText,
  helpful_votes: optional(numeric),
  verified: optional(yesOrNo),
  category: optional(identifier),
  language: optional(languageTag),
});
export type Review = z.infer<typeof reviewSchema>;
