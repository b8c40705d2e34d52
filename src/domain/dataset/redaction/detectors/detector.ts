import type { Span } from '../personal-data.js';

/** A span with the value in one canonical writing, by which equal values get equal placeholders. */
export interface Finding extends Span {
  key: string;
}

/** Looks for one type of personal data in a stretch of text that holds no placeholder. */
export type Detector = (text: string) => Finding[];

/** The digits of a text, and nothing else. */
export const digitsOf = (text: string): string => text.replace(/\D/g, '');
