import { mixed, sequenceKey, textKey } from './text-key.js';

const letterOrNumber = /[\p{L}\p{N}]/u;
const apostrophes = new Set([0x27, 0x2019]);
const basicPlane = 0x10000;

/** Which UTF-16 units of the basic plane stand in a word; looked up for every character of every row. */
const wordUnits = Uint8Array.from({ length: basicPlane }, (_, unit) =>
  letterOrNumber.test(String.fromCharCode(unit)) ? 1 : 0,
);

/** Units that a word takes at `at`: 1, 2 for a character beyond the basic plane, 0 where none stands. */
function wordUnitsAt({ text, at }: { text: string; at: number }): number {
  const unit = text.charCodeAt(at);
  if (wordUnits[unit] === 1) return 1;
  if (unit < 0xd800 || unit > 0xdbff) return 0;
  const character = text.codePointAt(at)!;
  return character >= basicPlane && letterOrNumber.test(String.fromCodePoint(character)) ? 2 : 0;
}

const offsetBasis = 0x811c9dc5;
const prime = 0x01000193;

/** A text as hashes: what words stand in it, in their order. Valid until the scanner reads the next text. */
export interface ScannedText {
  /** One 32-bit hash a word; only the first `count` are this text's. */
  words: Int32Array;
  count: number;
  /** 64 bits that stand for the whole sequence of words; for a text without words, for its characters. */
  high: number;
  low: number;
}

/**
 * Reads texts as `wordsOf` does (NFKC, lower case, runs of letters and numbers with inner apostrophes), but as hashes
 * (FNV-1a over UTF-16 units, then mixed) and without making a string for each word. One scanner reads one text at a
 * time and reuses its memory.
 */
export function createWordScanner(): { scan: (text: string) => ScannedText } {
  const scanned: ScannedText = { words: new Int32Array(256), count: 0, high: 0, low: 0 };

  function push(hash: number): void {
    if (scanned.count === scanned.words.length) {
      const larger = new Int32Array(scanned.words.length * 2);
      larger.set(scanned.words);
      scanned.words = larger;
    }
    scanned.words[scanned.count] = hash;
    scanned.count += 1;
  }

  function readWords(text: string): void {
    let at = 0;
    while (at < text.length) {
      let units = wordUnitsAt({ text, at });
      if (units === 0) {
        at += 1;
        continue;
      }
      let hash = offsetBasis;
      while (units > 0) {
        for (const end = at + units; at < end; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), prime);
        units = wordUnitsAt({ text, at });
        if (units > 0 || !apostrophes.has(text.charCodeAt(at))) continue;
        units = wordUnitsAt({ text, at: at + 1 });
        if (units > 0) units += 1;
      }
      push(mixed(hash));
    }
  }

  return {
    scan: (text) => {
      scanned.count = 0;
      readWords(text.normalize('NFKC').toLowerCase());
      const { words, count } = scanned;
      const key = count === 0 ? textKey(text) : sequenceKey({ length: count, at: (index) => words[index]! });
      scanned.high = key.high;
      scanned.low = key.low;
      return scanned;
    },
  };
}
