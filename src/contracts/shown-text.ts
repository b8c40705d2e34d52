import { cutText, jsonBytes } from '../domain/cut-text.js';

/** What Temporal Cloud takes, in bytes; it refuses a command or a start with more ("User metadata" in its limits). */
const mostSummary = 200;
/** Of 20,000 that a server takes of a text and what it is packed in, which encryption makes longer. */
const mostDetails = 19_000;

/** Texts are sent as JSON, in quotation marks. */
const cutJson = ({ text, bytes }: { text: string; bytes: number }): string =>
  cutText({ text, bytes: bytes - 2, sizeOf: jsonBytes });

/** The line at a workflow, an activity or a timer that people read in the UI; a reason can be as long as what it quotes. */
export const shownSummary = (text: string): string => cutJson({ text, bytes: mostSummary });

/** What people read of a workflow in the UI, as Markdown. */
export const shownDetails = (markdown: string): string => cutJson({ text: markdown, bytes: mostDetails });
