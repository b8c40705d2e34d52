/** One way to write an address: `hint` is cheap and holds wherever `form` can match. */
export interface AddressForm {
  hint: RegExp;
  form: RegExp;
}

/** What stands between the parts of an address. */
export const gap = String.raw`(?:,? ?\n|, ?| - | )`;
/** A full stop belongs to a name only where it shortens it, as in St. Gallen. */
export const name = String.raw`\p{Lu}(?:\p{L}{0,2}\.|[\p{L}\p{M}'’-]{0,30})`;
/** A name with small letters: a shouted abbreviation names no street. */
export const writtenName = String.raw`(?:\p{Lu}['’]?\p{Ll}(?:\p{L}?\.|[\p{L}\p{M}'’-]{0,30}))`;
export const city = String.raw`['’]?(?:s-)?${name}(?:[ -](?:(?:am|an der|ob der|im|in|sur|sous|le|la|les|de|del|della|di|en|upon|aan den|aan de|den) )?${name}){0,3}`;
export const start = String.raw`(?<![\p{L}\d#$€£.,:/])(?<![\p{L}\d]-)`;
export const end = String.raw`(?![\p{L}\d])`;
/** A number that counts something is no house number. */
export const noQuantity = String.raw`(?! ?(?:%|€|\$|£|EUR\b|Uhr\b|[Mm]inut|[Mm]eter|km\b|[Ee]uro|Tage|dagen|jaar|Jahre|mal\b|keer\b|uur\b|x\b|Stück|stuks|grados|gradi|ore\b|horas|minuti))`;
/** A year is one, unless a postcode follows. */
export const notYear = String.raw`(?!(?:19|20)\d\d(?!\d))`;

export const form = ({ hint, source }: { hint: RegExp; source: string }): AddressForm => ({
  hint,
  form: new RegExp(`${start}(?:${source})`, 'gu'),
});
