const contact = /\[(?:EMAIL|PHONE)_\d+\]|whats ?app|telegram|@\w{4,}|\b(?:t\.me|bit\.ly|tinyurl)\b/i;
const callToAction =
  /\b(?:click (?:here|the link|below)|visit (?:my|our) (?:site|website|page|profile|channel|store)|check (?:out )?my|follow me|subscribe to|dm me|contact me (?:on|via|now)|sign up (?:now|today)|order now|buy now|klick(?:t|en sie)? hier|besuch(?:t|en sie)? (?:meine|unsere) (?:seite|website)|folgt mir|jetzt (?:bestellen|kaufen|anmelden)|cliquez ici|visitez (?:mon|notre) site|suivez-moi|achetez maintenant|haz clic|haga clic|visita mi|visite nuestra|sígueme|compra ahora|clicca qui|visita il mio|seguimi|compra ora|klik hier|bezoek (?:mijn|onze)|volg mij|koop nu)\b/i;
const promise =
  /\b(?:earn|make|win|verdien(?:e|en|t)?|gewinn(?:e|en)|gagnez|gagner|gana|ganar|guadagna|guadagnare|win|verdienen)\b[^.!?\n]{0,30}(?:[$€£]|\d|money|geld|argent|dinero|soldi|from home|zu hause|chez vous|desde casa|da casa|thuis)|\b(?:100 ?% (?:free|guaranteed|gratis|kostenlos|gratuit|gratuito)|risk[- ]free|guaranteed (?:profit|returns|income)|limited offer|act now|no experience needed)\b/i;
const product =
  /\b(?:viagra|cialis|casino|online[- ]?slots?|betting|forex|bitcoin|crypto|kredit ohne schufa|payday loans?|weight loss pills?|escorts?|replica watches|backlinks?|seo services?|followers|onlyfans|investment plan|loan offer|prêt entre particuliers|préstamo urgente|prestito urgente)\b/i;
const shouting = { fewestLetters: 25, share: 0.7 };
const exclamations = 4;

function isShouting(text: string): boolean {
  let [upper, lower] = [0, 0];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 65 && code <= 90) upper += 1;
    else if (code >= 97 && code <= 122) lower += 1;
  }
  return upper + lower >= shouting.fewestLetters && upper / (upper + lower) >= shouting.share;
}

/** What makes a text look like advertising. Each sign alone is found in honest reviews too. */
export function spamSigns({ text, words }: { text: string; words: readonly string[] }): string[] {
  const signs: string[] = [];
  if (contact.test(text)) signs.push('contact');
  if (callToAction.test(text)) signs.push('call to action');
  if (promise.test(text)) signs.push('promise of money');
  const wares = product.exec(text)?.[0].toLowerCase();
  if (wares !== undefined) {
    signs.push('typical wares');
    if (words.filter((word) => wares.startsWith(word)).length > 1) signs.push('wares named again');
  }
  if (isShouting(text)) signs.push('capitals');
  if ((text.match(/!/g)?.length ?? 0) >= exclamations) signs.push('exclamation marks');
  return signs;
}
