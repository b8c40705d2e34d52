import type { Token } from './leak-tokens.js';
import { wall } from './leak-tokens.js';
import type { Span } from './personal-data.js';

/** Street words behind a house number, before one, and (English) behind the name. */
const french = new Set(['rue', 'avenue', 'boulevard', 'chemin']);
const southern = new Set(['calle', 'avenida', 'via', 'viale', 'corso', 'piazza']);
const streetAfter = new Set(['street', 'avenue', 'road', 'lane', 'drive', 'boulevard']);
const streetEnding = /^\p{L}[\p{L}-]+(?:straße|strasse|straat|laan|gracht|plein|platz|allee|gasse)$/iu;
const houseNumber = /^\d{1,4}[a-z]?$/i;
const postcode = /^(?:\d{5}|[1-9]\d{3}[A-Z]{2})$/;
const capital = /^\p{Lu}/u;
const houseReach = 4;
const postcodeReach = 7;

/** The index of the first word in a direction that passes, before any wall; -1 where there is none. */
function near({
  tokens,
  from,
  step,
  reach,
  passes,
}: {
  tokens: readonly Token[];
  from: number;
  step: 1 | -1;
  reach: number;
  passes: (text: string) => boolean;
}): number {
  for (let distance = 1; distance <= reach; distance += 1) {
    const token = tokens[from + step * distance];
    if (token === undefined || token.text === wall) return -1;
    if (passes(token.text)) return from + step * distance;
  }
  return -1;
}

const isHouse = (text: string): boolean => houseNumber.test(text) && !postcode.test(text);

/** Index of the house number that belongs to the street word at `index`, or -1. */
function houseOf({ tokens, index }: { tokens: readonly Token[]; index: number }): number {
  const word = tokens[index]!.text.toLowerCase();
  if (streetEnding.test(word)) return isHouse(tokens[index + 1]?.text ?? '') ? index + 1 : -1;
  if (streetAfter.has(word) && capital.test(tokens[index - 1]?.text ?? '')) {
    const before = near({ tokens, from: index, step: -1, reach: houseReach, passes: isHouse });
    if (before >= 0) return before;
  }
  if (french.has(word)) return isHouse(tokens[index - 1]?.text ?? '') ? index - 1 : -1;
  return southern.has(word) ? near({ tokens, from: index, step: 1, reach: houseReach, passes: isHouse }) : -1;
}

/** A street word with its house number and a postcode behind both: an address in any of the six languages. */
export function findAddressTokens({ tokens }: { tokens: readonly Token[] }): Span[] {
  return tokens.flatMap((token, index) => {
    const house = houseOf({ tokens, index });
    if (house < 0) return [];
    const from = Math.max(house, index);
    const code = near({ tokens, from, step: 1, reach: postcodeReach, passes: (text) => postcode.test(text) });
    if (code < 0) return [];
    return [{ type: 'ADDRESS', start: Math.min(tokens[house]!.start, token.start), end: tokens[code]!.end }];
  });
}
