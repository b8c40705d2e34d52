import { hasUnspacedLetters } from '../words.js';
import { mixed, numbersKey, textKey } from './text-key.js';

const letterOrNumber = /[\p{L}\p{N}]/u;
const basicPlane = 0x10000;
const classes = { other: 0, word: 1, apostrophe: 2, surrogate: 3, unspaced: 4 } as const;

function classOf(unit: number): number {
  const character = String.fromCharCode(unit);
  if (hasUnspacedLetters(character)) return classes.unspaced;
  if (letterOrNumber.test(character)) return classes.word;
  if (character === "'" || character === '’') return classes.apostrophe;
  return unit >= 0xd800 && unit < 0xdc00 ? classes.surrogate : classes.other;
}

/** What a UTF-16 unit is to a word; looked up for every character of every row. */
const unitClasses = Uint8Array.from({ length: basicPlane }, (_, unit) => classOf(unit));

/** What two units from `at` on are to a word, as a character beyond the basic plane. */
function wideClassOf(text: string, at: number): number {
  const character = text.codePointAt(at)!;
  if (character < basicPlane) return classes.other;
  const wide = String.fromCodePoint(character);
  if (hasUnspacedLetters(wide)) return classes.unspaced;
  return letterOrNumber.test(wide) ? classes.word : classes.other;
}

function isPart(text: string, at: number): boolean {
  const found = unitClasses[text.charCodeAt(at)];
  return found === classes.word || (found === classes.surrogate && wideClassOf(text, at) === classes.word);
}

const asciiEnd = 0x80;
const asciiClasses = unitClasses.slice(0, asciiEnd);
/** ASCII units with capitals made small. */
const asciiLower = Uint8Array.from({ length: asciiEnd }, (_, unit) =>
  String.fromCharCode(unit).toLowerCase().charCodeAt(0),
);

const offsetBasis = 0x811c9dc5 | 0;
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
 * (FNV-1a over UTF-16 units, then mixed; a letter of a script without blanks is a word of its own) and without making a
 * string for each word. One scanner reads one text at a time and reuses its memory.
 */
export function createWordScanner(): { scan: (text: string) => ScannedText } {
  const scanned: ScannedText = { words: new Int32Array(256), count: 0, high: 0, low: 0 };
  let bytes = Buffer.alloc(4096);

  function push(hash: number): void {
    if (scanned.count === scanned.words.length) {
      const larger = new Int32Array(scanned.words.length * 2);
      larger.set(scanned.words);
      scanned.words = larger;
    }
    scanned.words[scanned.count] = mixed(hash);
    scanned.count += 1;
  }

  function readWords(text: string): void {
    let hash = offsetBasis;
    let isInside = false;
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      const isWide = unitClasses[unit] === classes.surrogate;
      const found = isWide ? wideClassOf(text, at) : unitClasses[unit]!;
      if (found === classes.unspaced && isInside) {
        push(hash);
        hash = offsetBasis;
      }
      if (found === classes.word || found === classes.unspaced) {
        hash = Math.imul(hash ^ unit, prime);
        if (isWide) hash = Math.imul(hash ^ text.charCodeAt((at += 1)), prime);
        isInside = true;
      }
      if (found === classes.word) continue;
      if (isInside && found === classes.apostrophe && isPart(text, at + 1)) {
        hash = Math.imul(hash ^ unit, prime);
      } else if (isInside) {
        push(hash);
        hash = offsetBasis;
        isInside = false;
      }
    }
    if (isInside) push(hash);
  }

  /**
   * Reads a text of nothing but ASCII, which needs no normal form, from its bytes: three times as fast. Returns false for
   * any other text.
   */
  function readAscii(text: string): boolean {
    if (3 * text.length > bytes.length) bytes = Buffer.alloc(6 * text.length);
    if (bytes.write(text, 'utf8') !== text.length) return false;
    let hash = offsetBasis;
    let isInside = false;
    for (let at = 0; at < text.length; at += 1) {
      const unit = bytes[at]!;
      const found = asciiClasses[unit]!;
      const isWord = found === classes.word;
      const joins = isInside && found === classes.apostrophe && at + 1 < text.length;
      if (isWord || (joins && asciiClasses[bytes[at + 1]!] === classes.word)) {
        hash = Math.imul(hash ^ asciiLower[unit]!, prime);
        isInside = true;
      } else if (isInside) {
        push(hash);
        hash = offsetBasis;
        isInside = false;
      }
    }
    if (isInside) push(hash);
    return true;
  }

  return {
    scan: (text) => {
      scanned.count = 0;
      if (!readAscii(text)) readWords(text.normalize('NFKC').toLowerCase());
      const { words: numbers, count } = scanned;
      const { high, low } = count === 0 ? textKey(text) : numbersKey({ numbers, count });
      scanned.high = high;
      scanned.low = low;
      return scanned;
    },
  };
}
