import { type AddressForm, city, end, form, gap, name, noQuantity, notYear } from './parts.js';

const whole = String.raw`[\p{L}-]{2,40}(?:straat|laan|gracht|plein|singel|steeg|dreef)`;
const capital = String.raw`(?:\p{Lu}[\p{L}-]{1,40}(?:weg|kade|dijk|hof|pad|markt|kamp|plantsoen|haven|baan|park|veld|straatje|wal|steiger|hage)|Singel)`;
const apart = String.raw`(?:\p{Lu}[\p{L}.-]{1,30} ){1,3}(?:de |den |der |van ){0,2}(?:[\p{L}-]{0,30}straat|[\p{L}-]{0,30}laan|[\p{L}-]{0,30}plein|[\p{L}-]{0,30}gracht|[Ss]ingel|[\p{L}-]{0,30}kade|[Ww]eg)`;
const house = String.raw`\d{1,4}(?: ?-? ?(?:[a-zA-Z]|[IV]{1,3}|\d{1,3}|hs|bis|huis)\b)?${end}`;
const dutchPostcode = String.raw`(?:NL-)?[1-9]\d{3} ?[A-Z]{2}\b`;
const tail = String.raw`${gap}(?:${dutchPostcode}|(?:B-)?\d{4})(?: ${city})?`;
const months = String.raw`(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|January|February|March|April|June|July|August|September|October|November|December|Januar|Februar|März|Mai|Juni|Juli|Oktober|Dezember)\.? `;

export const dutchForms: readonly AddressForm[] = [
  form({
    hint: /straat|laan|gracht|plein|singel|steeg|dreef|weg|kade|dijk|hof|pad|markt|kamp|plantsoen|haven|baan|park|veld|wal|steiger|hage/i,
    source: String.raw`(?:${whole}|${capital}|${apart}) (?:${house}${tail}|${notYear}${house}${noQuantity})`,
  }),
  form({
    hint: /\d{4} ?[A-Z]{2}\b/,
    source: String.raw`(?:${name} (?:de |den |der |van |het |op |in ){0,2}){1,4}${house}${gap}${dutchPostcode}(?: ${city})?`,
  }),
  form({
    hint: /, (?:[A-Z]{1,2}-)?[1-9]\d{3} \p{Lu}/u,
    source: String.raw`(?!${months})(?:${name} ){1,3}\d{1,4}(?: ?[a-h]\b)?, (?:[A-Z]{1,2}-)?(?!19\d\d|20(?:0[1-9]|[1-4]\d))[1-9]\d{3} \p{Lu}\p{Ll}[\p{L}-]{1,30}`,
  }),
  form({ hint: /Postbus/, source: String.raw`Postbus \d{1,6}${end}(?:${tail})?` }),
];
