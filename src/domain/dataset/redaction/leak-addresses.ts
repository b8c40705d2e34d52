import type { Span } from './personal-data.js';

interface Token {
  text: string;
  start: number;
  end: number;
}

const streetBefore = new Set([
  'rue',
  'avenue',
  'boulevard',
  'chemin',
  'calle',
  'avenida',
  'via',
  'viale',
  'corso',
  'piazza',
]);
const streetAfter = new Set(['street', 'avenue', 'road', 'lane', 'drive', 'boulevard']);
const streetEnding = /(?:straße|strasse|straat|laan|gracht|plein|platz|allee|gasse)$/i;
const houseNumber = /^\d{1,4}[a-z]?$/i;
const postcode = /^(?:\d{5}|[1-9]\d{3}[A-Z]{2})$/;
const reach = 8;

const isStreet = ({ text }: Token): boolean => {
  const lower = text.toLowerCase();
  return streetBefore.has(lower) || streetAfter.has(lower) || streetEnding.test(lower);
};

/** A street word with a house number within four words and a postcode behind both: an address in any of the languages. */
export function findAddressTokens({ tokens }: { tokens: readonly Token[] }): Span[] {
  return tokens.flatMap((token, index) => {
    if (!isStreet(token)) return [];
    const near = tokens.slice(Math.max(0, index - 4), index + 5);
    const house = near.find(({ text }) => houseNumber.test(text) && !postcode.test(text));
    const behind = tokens.slice(index + 1, index + reach).findIndex(({ text }) => postcode.test(text));
    if (house === undefined || behind < 0) return [];
    const end = tokens[index + 1 + behind]!.end;
    return house.start < end ? [{ type: 'ADDRESS', start: Math.min(house.start, token.start), end }] : [];
  });
}
