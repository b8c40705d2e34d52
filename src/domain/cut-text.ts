/** The size of a character in UTF-8. */
function utf8Bytes(character: string): number {
  const code = character.codePointAt(0)!;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/** The size of a character within a text that is written as JSON. */
export function jsonBytes(character: string): number {
  if (/["\\\b\f\n\r\t]/.test(character)) return 2;
  // Other control characters, and half of a surrogate pair, are written as six hexadecimal characters.
  return character < ' ' || /^[\ud800-\udfff]$/.test(character) ? 6 : utf8Bytes(character);
}

/**
 * A text of at most so many bytes, of UTF-8 where `sizeOf` counts nothing else, cut between characters, with an ellipsis
 * where something is missing.
 */
export function cutText({
  text,
  bytes,
  sizeOf = utf8Bytes,
}: {
  text: string;
  bytes: number;
  sizeOf?: (character: string) => number;
}): string {
  const ellipsis = '…';
  let [size, end, fits] = [0, 0, 0];
  for (const character of text) {
    size += sizeOf(character);
    end += character.length;
    if (size + sizeOf(ellipsis) <= bytes) fits = end;
    if (size > bytes) return `${text.slice(0, fits)}${ellipsis}`;
  }
  return text;
}

/**
 * The first words of a text, or with `from: 'end'` the last, of at most so many characters. Never a part of a word: of
 * half a key nobody can tell that it is one, to hide it.
 */
export function cutWords({
  text,
  characters,
  from = 'start',
}: {
  text: string;
  characters: number;
  from?: 'start' | 'end';
}): string {
  const whole = text.trim();
  if (whole.length <= characters) return whole;
  return from === 'start'
    ? whole
        .slice(0, characters + 1)
        .replace(/\S*$/, '')
        .trimEnd() || '…'
    : whole
        .slice(-characters - 1)
        .replace(/^\S*/, '')
        .trimStart() || '…';
}
