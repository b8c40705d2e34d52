import { dutchForms } from './address-forms/dutch.js';
import { englishForms } from './address-forms/english.js';
import type { AddressForm } from './address-forms/parts.js';
import { frenchForms } from './address-forms/french.js';
import { germanForms } from './address-forms/german.js';
import { italianForms } from './address-forms/italian.js';
import { spanishForms } from './address-forms/spanish.js';

/** The forms of the six languages; quantifiers are bounded so that the time stays linear. */
export const addressForms: readonly AddressForm[] = [
  ...englishForms,
  ...germanForms,
  ...frenchForms,
  ...spanishForms,
  ...italianForms,
  ...dutchForms,
];
