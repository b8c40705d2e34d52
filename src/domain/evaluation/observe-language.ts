import { detectLanguage } from '../dataset/language-detection.js';
import type { GivenAnswer, Observations } from './answer.js';

/**
 * Answers with the language each is in. Import this module only where a metric needs it: the detector's tables take
 * about 190 MB.
 */
export const withLanguages = <Given extends GivenAnswer>(
  answers: readonly Given[],
): (Given & Pick<Observations, 'answerLanguage'>)[] =>
  answers.map((one) => (one.answer === null ? one : { ...one, answerLanguage: detectLanguage({ text: one.answer }) }));
