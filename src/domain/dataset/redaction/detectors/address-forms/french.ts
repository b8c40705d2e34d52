import { type AddressForm, city, form, gap, name, writtenName } from './parts.js';

const sure = String.raw`(?:[Rr]ue|[Aa]venue|[Aa]v\.|[Bb]oulevard|[Bb]d\.?|[Cc]hemin|[Aa]llées?|[Ii]mpasse|[Qq]uai|[Ff]aubourg|RUE|AVENUE|BOULEVARD)`;
/** Words with other meanings: lessons, seats, ways. They need a name behind them. */
const unsure = String.raw`(?:[Pp]lace|[Pp]l\.|[Cc]ours|[Rr]oute|[Ss]quare|[Pp]assage|[Ee]splanade|[Ss]entier|[Mm]ontée|[Cc]haussée|[Rr]ésidence)`;
const link = String.raw`(?:de la|de l['’]|des|du|de|d['’]|la|le|les|aux?|à la|et|en|l['’])`;
const small = String.raw`[a-zàâçéèêëîïôûùüÿœ'’-]{3,20}`;
const sureWords = String.raw`(?: (?:${link} ?){0,2}(?:${name}|\d{1,2}|${small})){1,4}?`;
const unsureWords = String.raw`(?: (?:${link} ?){0,2}${writtenName}){1,4}`;
const house = String.raw`(?<![.,])\d{1,4}(?: ?(?:bis|ter|quater|[A-D])\b)?,? `;
const flat = String.raw`(?:${gap}(?:[Bb]ât(?:iment)?|[Aa]ppt?|[Aa]ppartement|[Ee]sc|[Bb]te|[Bb]oîte)\.? ?\w{1,4})?`;
const tail = String.raw`${gap}(?:[FBL]-|CH-)?\d{4,5} ${city}(?: C[eE][dD][eE][xX](?: \d{1,2})?)?`;
const hint = /\b(?:rue|av(?:enue|\.)|boulevard|bd|chemin|allées?|impasse|quai|faubourg)(?:[ .]|$)/i;

export const frenchForms: readonly AddressForm[] = [
  form({
    hint,
    source: String.raw`${house}${sure}(?:${sureWords}${flat}${tail}|${unsureWords}|(?: (?:${link} ?){0,2}${small}){1,2}(?:(?= (?:et|mais|qui|chez|pour|que|où|le|la)\b)|(?=[,.;:!?)\n]|$)|(?= )))`,
  }),
  form({
    hint: /\b(?:place|pl\.|cours|route|square|passage|esplanade|sentier|montée|chaussée|résidence) /i,
    source: String.raw`${house}${unsure}${unsureWords}${flat}(?:${tail})?`,
  }),
  form({ hint: /\bBP \d/, source: String.raw`BP \d{1,5}(?:${tail})` }),
];
