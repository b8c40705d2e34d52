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
  /^[^\S\n]*#{1,4}[^\S\n]*(?:system|assistant|instructions?)\b/imu,
  /<\/?\s*(?:system|instructions?|question|user|assistant)\s*>/iu,
  /<\|(?:im_start|im_end|system|user|assistant|endoftext)\|>|\[\/?INST\]|<<\/?SYS>>/iu,
  /\bnotes?\s+to\s+(?:the\s+)?(?:assistant|chatbot|AI|model)\b/iu,
  /\b(?:debug|developer|maintenance|god)\s+mode\s+(?:is\s+)?(?:on|enabled|active)\b/iu,
  /\b(?:print|show|reveal|repeat|output)\b(?:\s+\S+){0,5}?\s+(?:your|the)\s+(?:\S+\s+){0,2}?(?:instructions|system prompt|initial prompt)\b/iu,
];

/**
 * Whether a text reads like an attempt to replace the instructions of a release. It knows wordings, not intent: what is
 * put otherwise escapes it, and a sentence about such an attack is taken for one.
 */
export const readsLikeInjection = (text: string): boolean =>
  orders.some((pattern) => pattern.test(text)) || disguises.some((pattern) => pattern.test(text));
