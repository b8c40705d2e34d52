import { digestOf } from '../release/evidence.js';
import type { Prompt } from '../release/prompt.js';
import { renderPrompt } from '../release/prompt.js';
import type { ItemReview } from './review.js';

/** A review as a model is shown it; its label is its place in the list, from 1. */
export interface Snippet {
  review: string;
  text: string;
  rating: number;
  verified: boolean;
  language: string | null;
}

/** The most that a snippet of this many characters may lose to end at a word. */
const mostLost = 40;

function cutAtWord({ text, characters }: { text: string; characters: number }): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  if (line.length <= characters) return line;
  const cut = line.slice(0, characters - 1);
  const space = cut.lastIndexOf(' ');
  return `${space > cut.length - mostLost ? cut.slice(0, space) : cut}…`;
}

/** A number in brackets, which is how the question names reviews: inside a review it would pass for another one. */
const label = /\[(\d+)\]/g;

/** The snippets of chosen reviews: one line each, cut to `characters`. */
export const snippetsOf = ({
  reviews,
  characters,
}: {
  reviews: readonly ItemReview[];
  characters: number;
}): Snippet[] =>
  reviews.map(({ id, text, rating, verified, language }) => ({
    review: id,
    text: cutAtWord({ text: text.replaceAll(label, '($1)'), characters }),
    rating,
    verified,
    language,
  }));

/** What is asked of a model for one item: its reviews by label, and the language of the summary. */
export function questionOf({ snippets, language }: { snippets: readonly Snippet[]; language: string }): string {
  const lines = snippets.map(
    ({ text, rating, verified }, index) => `[${index + 1}] ${rating}/5${verified ? ' verified' : ''}: ${text}`,
  );
  return [`Reviews, to be summed up in ${language}:`, ...lines].join('\n');
}

/**
 * Digest of all that an item's summary is made from: the question, the prompt and the release. The same digest is the
 * same summary, so nobody is asked again; a release that is taken back leaves no summary behind.
 */
export const inputDigestOf = ({
  question,
  prompt,
  releaseId,
}: {
  question: string;
  prompt: Prompt;
  releaseId: string;
}): string => digestOf({ messages: renderPrompt({ prompt, query: question }), settings: { ...prompt }, releaseId });
