import { detectLanguage } from '../../../src/domain/dataset/language-detection.js';
import type { LanguageDetection } from '../../../src/domain/guardrails/guardrails.js';

/** Languages by the same tables, in this thread. */
export const languagesHere: LanguageDetection = {
  start: () => Promise.resolve(),
  detect: (input) => Promise.resolve(detectLanguage(input)),
};
