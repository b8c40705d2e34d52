import { addressForms } from './address-forms.js';
import type { Detector, Finding } from './detector.js';

const spaces = /[\s,.]+/g;

/**
 * Postal addresses with a street and a house number (or a post box), as the six languages write them, with what
 * belongs to them: flat, postcode, town. A town or a postcode alone is no address of a person.
 */
export const findAddresses: Detector = (text) => {
  const findings: Finding[] = [];
  for (const { hint, form } of addressForms) {
    if (!hint.test(text)) continue;
    for (const match of text.matchAll(form)) {
      const key = match[0].toLowerCase().replace(spaces, ' ').trim();
      findings.push({ type: 'ADDRESS', start: match.index, end: match.index + match[0].length, key });
    }
  }
  return findings;
};
