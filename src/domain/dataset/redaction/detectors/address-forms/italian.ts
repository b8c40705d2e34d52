import { type AddressForm, city, end, form, gap, noQuantity, notYear, writtenName } from './parts.js';

const street = String.raw`(?:[Vv]ia|[Vv]iale|V\.le|[Pp]iazza|P\.zza|[Pp]iazzale|[Cc]orso|C\.so|[Ll]argo|[Vv]icolo|[Ss]trada|[Ll]ungomare|[Ll]ungotevere|[Cc]ontrada|[Ss]alita|[Ff]ondamenta|[Bb]orgo)`;
const link = String.raw`(?:della|delle|dello|dei|degli|del|dell['’]|di|de|d['’]|da|la|e|al|alla)`;
const words = String.raw`(?: (?:${link} ?){0,2}(?:(?:[XVI]+|\d{1,2}) )?${writtenName}(?: [XVI]+\b)?){1,5}`;
const house = String.raw`,? ?(?:(?:n\.?[º°]?|numero|civico) ?)?${notYear}\d{1,4}(?: ?/ ?[A-Za-z\d]{1,2}\b| ?[A-D]\b| bis)?${end}${noQuantity}`;
const flat = String.raw`(?:,? (?:int(?:erno|\.)|scala|piano) ?\w{1,3})*`;
const tail = String.raw`(?:${gap}(?:I-)?\d{5} ${city}(?: \([A-Z]{2}\)| [A-Z]{2}\b)?)?`;

export const italianForms: readonly AddressForm[] = [
  form({
    hint: /\b(?:via|viale|v\.le|piazza|p\.zza|piazzale|corso|c\.so|largo|vicolo|strada|lungomare|lungotevere|contrada|salita|fondamenta|borgo)\b/i,
    source: String.raw`${street}${words}${house}${flat}${tail}`,
  }),
  form({ hint: /Casella/i, source: String.raw`[Cc]asella [Pp]ostale \d{1,6}${end}${tail}` }),
];
