import type { z } from 'zod';
import type { DataSpec } from '../spec/data-spec.js';
import type { DataRow } from './data-row.js';
import { reviewSchema } from './review.js';
import { requiredTicketColumns, ticketSchema } from './ticket.js';

export type ColumnType = 'text' | 'number' | 'truth' | 'time';

/** A column of a published table. */
export interface TableColumn {
  name: string;
  type: ColumnType;
}

/** What the pipeline has to know of a kind of rows. */
export interface Recipe {
  name: DataSpec['recipe'];
  schema: z.ZodType<Record<string, string | number | boolean | null>>;
  columns: readonly string[];
  /** The recipe's columns, in the order of the published table. */
  table: readonly TableColumn[];
  /** Columns without which no row can be made. */
  required: readonly string[];
  /** Identifies a row. */
  id: string;
  /** Whose rows belong together, where the spec names no column. */
  cluster: string;
  /** What people wrote, the column that a row is about first: normalised, redacted, searched for leaks. */
  texts: readonly [string, ...string[]];
  /** Names of people, things and kinds that must stay apart but may be replaced by a pseudonym. */
  identifiers: readonly string[];
  /** Of rows that say the same the one with the highest value is kept. */
  helpfulness: string;
  /** Least words of a text column; the first one's comes from the spec. */
  leastWords: Readonly<Record<string, { words: number; reason: 'emptyAnswer' }>>;
}

const times = ['created_at'];
const truths = ['resolved', 'verified'];
const numbers = ['rating', 'star_rating', 'helpful_votes'];

const tableOf = (columns: readonly string[]): TableColumn[] =>
  columns.map((name) => {
    const type = times.includes(name) ? 'time' : truths.includes(name) ? 'truth' : 'text';
    return { name, type: numbers.includes(name) ? 'number' : type };
  });

const supportTickets: Recipe = {
  name: 'support-tickets',
  schema: ticketSchema,
  columns: Object.keys(ticketSchema.shape),
  table: tableOf(Object.keys(ticketSchema.shape)),
  required: requiredTicketColumns,
  id: 'ticket_id',
  cluster: 'customer_id',
  texts: ['customer_query', 'agent_response'],
  identifiers: ['ticket_id', 'customer_id', 'category'],
  helpfulness: 'rating',
  leastWords: { agent_response: { words: 3, reason: 'emptyAnswer' } },
};

const reviews: Recipe = {
  name: 'reviews',
  schema: reviewSchema,
  columns: Object.keys(reviewSchema.shape),
  table: tableOf(Object.keys(reviewSchema.shape)),
  required: ['review_id', 'product_id', 'star_rating', 'text'],
  id: 'review_id',
  cluster: 'product_id',
  texts: ['text', 'title'],
  identifiers: ['review_id', 'product_id', 'customer_id', 'category'],
  helpfulness: 'helpful_votes',
  leastWords: {},
};

const recipes: Record<DataSpec['recipe'], Recipe> = { 'support-tickets': supportTickets, reviews };

export const recipeOf = (name: DataSpec['recipe']): Recipe => recipes[name];

/** All that people wrote in a row, which duplicates are told by. */
export const rowText = ({ recipe, values }: { recipe: Recipe; values: DataRow['values'] }): string =>
  recipe.texts.map((column) => String(values[column])).join('\n');
