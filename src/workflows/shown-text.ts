import { setCurrentDetails } from '@temporalio/workflow';
import { cutText } from '../domain/cut-text.js';

/** What a server takes, in bytes; Temporal Cloud refuses a command with more ("User metadata" in its limits). */
const mostSummary = 200;
const mostDetails = 20_000;

/** The line at a command that people read in the UI; a reason can be as long as what it quotes. */
export const shownSummary = (text: string): string => cutText({ text, bytes: mostSummary });

/** What people read of a running workflow in the UI. */
export const showDetails = (markdown: string): void =>
  setCurrentDetails(cutText({ text: markdown, bytes: mostDetails }));
