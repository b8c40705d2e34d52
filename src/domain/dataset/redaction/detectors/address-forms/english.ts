import { type AddressForm, city, end, form, gap } from './parts.js';

const street = String.raw`(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Way|Place|Pl|Square|Sq|Terrace|Crescent|Close|Gardens|Grove|Parkway|Pkwy|Circle|Hill|Mews|Row|Highway|Hwy|Trail|Walk|Quay)`;
const unit = String.raw`(?:(?:Flat|Apt|Apartment|Suite|Ste|Unit|Floor|Room)\.? ?#?[\dA-Z][\w-]{0,4}|#\d{1,4}[A-Z]?)`;
const american = String.raw`[A-Z]{2},? \d{5}(?:-\d{4})?`;
const british = String.raw`[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}`;
const canadian = String.raw`(?:[A-Z]{2},? )?[A-Z]\d[A-Z] \d[A-Z]\d`;
const irish = String.raw`[A-Z]\d[\dW] ?[A-Z\d]{4}`;
const australian = String.raw`(?:NSW|VIC|QLD|WA|SA|TAS|ACT|NT) \d{4}`;
const postcode = String.raw`(?:${american}|${canadian}|${british}|${irish}|${australian}|\d{5})`;
const tail = String.raw`(?:${gap}${unit}(?!\w))?(?:${gap}${city}(?=,? ${postcode}\b|[,.;]|$))?(?:${gap}${city}(?=,? ${postcode}\b))?(?:,? ${postcode}\b)?`;
const house = String.raw`(?:${unit},? )?(?<![.,])\d{1,5}[A-Za-z]?(?:[-/]\d{1,4})?,? `;
/** Things that are counted: "the 10 Day Drive Plan". */
const counted = String.raw`(?!(?:Day|Minute|Hour|Week|Month|Year|Piece|Pack|Inch|Star|Speed|Door|Step|Seat|Point|Part)s? )`;
const words = String.raw`${counted}(?:(?:\p{Lu}[\p{L}'’.-]{1,25}|\d{1,3}(?:st|nd|rd|th)) ){1,3}`;

export const englishForms: readonly AddressForm[] = [
  form({
    hint: new RegExp(String.raw`\b${street}\b`),
    source: String.raw`${house}(?:[NSEW]\.? |North |South |East |West )?${words}${street}\b\.?(?: (?:[NSEW]|[NS][EW]|North|South|East|West)\b)?${tail}`,
  }),
  form({ hint: /\bBroadway\b/, source: String.raw`${house}Broadway\b${tail}` }),
  form({
    hint: /\b(?:street|road|avenue|lane)\b/,
    source: String.raw`(?<=(?:\bat|address is|address:|live in|ship(?: it)? to|deliver(?:ed)? to) )\d{1,5}[a-z]?,? (?:[a-z]{3,20} ){1,2}(?:street|road|avenue|lane)${end}${tail}`,
  }),
  form({
    hint: /\bP\.? ?O\.? ?Box/i,
    source: String.raw`P\.? ?O\.? ?[Bb]ox \d{1,6}${end}${tail}`,
  }),
];
