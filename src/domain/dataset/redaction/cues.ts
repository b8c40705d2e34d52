/** How far back a word may stand that says what a number is. */
const reach = 45;

const phoneWords =
  /phone|\bcall|\btel\b|\btel[.:]|mobile|\bcell|\bring\b|\btext (?:me|us)|whats ?app|\bsms\b|\bfax|hotline|landline|festnetz|\bfixe?\b|\bfijo\b|\bfisso\b|vaste? (?:lijn|nummer)|reach (?:me|us|him|her|them)|dial|telefon|handy|anruf|\bruf|mobil|rückruf|erreich|appel|téléphone|portable|joindre|joignable|rappel|llám|llam|teléfono|móvil|localiz|chiam|cellulare|recapito|rintracc|\bbel\b|\bbellen|\bbelt|\bgebeld|\bgsm\b|bereik|telefoon|nummer (?:is|lautet)|meine nummer|my number|mon numéro|mi número|mio numero|mijn nummer/giu;
const otherNumberWords =
  /order|bestell|commande|pedido|ordine|\bref\b|\bref[.:]|refer|référence|riferimento|tracking|track|sendung|suivi|spedizione|envío|zending|serial|serien|série|serie|seriale|\bsku\b|\bgtin|\bupc\b|\bparts?\b|\bteil|onderdeel|ricambio|recambio|\bpieza|\bpièce|\bpezzo|bauteil|ersatzteil|\bisbn|\bean\b|\bimei|invoice|rechnung|facture|factura|fattura|factuur|artikel|article|artículo|articolo|model|modèle|customer|kunde|client|cliente|klant|ticket|\bcase\b|account|konto|compte|cuenta|conto|vorgang|dossier|expediente|pratica|barcode|lot\b|charge|batch|vin\b|#|n° de|\bcode|coupon|voucher|gutschein|\bpin\b|clave|codice|código|postcode|\bzip\b|\bplz\b|transaction|transaktion|transazione|transacción|transactie|policy|contract|vertrag|contrat|contrato|contratto/giu;
const versionWord =
  /(?:\bv|\bver\.?|version|versione|versión|versie|firmware|release|build|update|upgrade|mise à jour|actualización|aggiornamento|bijwerking|software|driver|treiber|pilote|kernel|bios|chapter|section|kapitel|abschnitt|capítulo|capitolo|chapitre|hoofdstuk|paragraaf)(?: ?(?:auf|to|is|ist|est|es|è|à|a|al|naar|op|no\.|nr\.|number|version|versie|versión|versione))?[ :.(=]{0,3}$/iu;

const lastIndexOf = ({ words, text }: { words: RegExp; text: string }): number => {
  let last = -1;
  for (const match of text.matchAll(words)) last = match.index + match[0].length;
  return last;
};
const anyVersionWord =
  /update|mise à jour|actualización|aggiornamento|version|versión|versie|firmware|release|driver|treiber|pilote|kernel|\bbios\b/iu;

/** What words say that a number is. */
export type NumberCue = 'phone' | 'other' | null;

/** What the words before a number say of it: the nearest one wins. */
export function numberCue(before: string): NumberCue {
  const near = before.slice(-reach);
  const phone = lastIndexOf({ words: phoneWords, text: near });
  const other = lastIndexOf({ words: otherNumberWords, text: near });
  if (phone < 0 && other < 0) return null;
  return phone > other ? 'phone' : 'other';
}

/** Whether the words before four numbers with dots make them a version and no address. */
export function saysVersion({ before, numbers }: { before: string; numbers: readonly number[] }): boolean {
  const near = before.slice(-reach);
  if (versionWord.test(near)) return true;
  // Small numbers further behind such a word: "firmware 2.14.0.7 broke it, 2.13.9.2 was fine". 10.x is a private net.
  return numbers[0] !== 10 && numbers.every((number) => number < 64) && anyVersionWord.test(before);
}
