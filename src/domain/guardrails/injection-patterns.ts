/**
 * Orders to drop the instructions, in the six languages: a verb of dropping, a few words, and what is to be dropped.
 * Greshake et al. 2023 and Perez and Ribeiro 2022 describe the attacks. Each must take time in proportion to the text,
 * whatever the text: they run where users are answered.
 */
const orders: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget|override|bypass)\b(?:\s+\S+){0,3}?\s+(?:all|any|your|previous|prior|earlier|above|system)\b(?:\s+\S+){0,3}?\s+(?:instructions?|prompts?|rules|guidelines|directions)\b/iu,
  /(?:^|[^\p{L}])(?:ignorier\p{L}*|vergiss|vergesse\p{L}*|missachte\p{L}*)(?:\s+\S+){0,4}?\s+(?:anweisung\p{L}*|instruktion\p{L}*|vorgaben|regeln)/iu,
  /(?:^|[^\p{L}])(?:ignore[zr]?|oublie[zr]?)(?:\s+\S+){0,4}?\s+(?:instructions?|consignes?|règles)/iu,
  /(?:^|[^\p{L}])(?:ignor[ae]|olvid[ae])(?:\s+\S+){0,4}?\s+(?:instrucciones|reglas|indicaciones)/iu,
  /(?:^|[^\p{L}])(?:ignora|dimentica)(?:te)?(?:\s+\S+){0,4}?\s+(?:istruzioni|regole|indicazioni)/iu,
  /\b(?:negeer|vergeet)(?:\s+\S+){0,4}?\s+(?:instructies|aanwijzingen|opdrachten|regels)/iu,
];

/** Text that poses as something other than the user's words. */
const disguises: readonly RegExp[] = [
  // Blanks within a line alone: "^" holds after each kind of line break, and one that took them too would be quadratic.
  /^[^\S\n\r\u2028\u2029]*#{1,4}[^\S\n\r\u2028\u2029]*(?:system|assistant|instructions?)\b/imu,
  /<\/?\s*(?:system|instructions?|question|user|assistant)\s*>/iu,
  /<\|(?:im_start|im_end|system|user|assistant|endoftext)\|>|\[\/?INST\]|<<\/?SYS>>/iu,
  /\bnotes?\s+to\s+(?:the\s+)?(?:assistant|chatbot|AI|model)\b/iu,
  /\b(?:debug|developer|maintenance|god)\s+mode\s+(?:is\s+)?(?:on|enabled|active)\b/iu,
  /\b(?:print|show|reveal|repeat|output)\b(?:\s+\S+){0,5}?\s+(?:your|the)\s+(?:\S+\s+){0,2}?(?:instructions|system prompt|initial prompt)\b/iu,
];

/** Letters that nobody sees and models read: Unicode's tags, one for each of ASCII. */
const tags = /[\u{E0020}-\u{E007E}]/gu;
const tagsBegin = 0xe0000;

/**
 * The text as a model takes it: full-width and other forms of a letter as the letter (NFKC), tags as the letters that
 * they stand for, and without characters that show nothing, such as a zero-width space inside a word.
 */
const plainText = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(tags, (tag) => String.fromCodePoint(tag.codePointAt(0)! - tagsBegin))
    .replace(/\p{Cf}/gu, '');

/**
 * Whether a text reads like an attempt to replace the instructions of a release. It knows wordings, not intent: what is
 * put otherwise escapes it, and a sentence about such an attack is taken for one.
 */
export function readsLikeInjection(text: string): boolean {
  const plain = plainText(text);
  return orders.some((pattern) => pattern.test(plain)) || disguises.some((pattern) => pattern.test(plain));
}
