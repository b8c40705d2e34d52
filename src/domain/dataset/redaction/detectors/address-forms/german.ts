import { type AddressForm, city, end, form, gap, name, noQuantity, notYear } from './parts.js';

const whole = String.raw`[\p{L}-]{2,40}(?:[Ss]traße|[Ss]trasse|[Ss]tr\.|[Gg]asse|[Aa]llee)`;
const capital = String.raw`\p{Lu}[\p{L}-]{1,40}(?:weg|platz|ring|damm|ufer|steig|stieg|markt|hof|graben|chaussee|berg|park|wall|pfad|promenade|kai)`;
/** Words that begin a sentence or a phrase, and no street: "Auf Platz 3 landete …". */
const noName = String.raw`(?!(?:Auf|Am|An|Im|In|Bei|Vom|Zum|Zur|Der|Die|Das|Den|Dem|Ein|Eine|Mein|Unser|Dieser|Jeder|Nach|Seit|Vor|Mit|Von|Ab|Bis|Um) (?:Straße|Strasse|Weg|Platz|Ring|Markt)\b)`;
const apart = String.raw`${noName}(?:\p{Lu}[\p{L}.-]{1,30} ){1,3}(?:Straße|Strasse|Str\.|Weg|Platz|Allee|Ring|Gasse|Damm|Ufer|Chaussee|Markt|Promenade|Kai)`;
const house = String.raw` ?\d{1,4}(?: ?[a-h]\b| ?[-–/] ?\d{1,4}(?:/\d{1,3})?)?${end}`;
const tail = String.raw`${gap}(?:(?:D|A|CH|DE|AT)-)?\d{4,5} ${city}`;
const longTail = String.raw`${gap}(?:D-|DE-)?\d{5} ${city}`;

export const germanForms: readonly AddressForm[] = [
  form({
    hint: /str(?:aße|asse|\.)|gasse|weg|platz|allee|ring|damm|ufer|stei?[gi]|markt|hof|graben|chaussee|berg|park|wall|pfad|promenade|kai\b/iu,
    source: String.raw`(?:${whole}|${capital}|${apart})(?:${house}${tail}|(?! ?(?:19|20)\d\d(?!\d))${house}${noQuantity})`,
  }),
  form({
    hint: /\d{5} \p{Lu}/u,
    source: String.raw`(?:(?:Am|An der|An den|Im|In der|In den|Auf der|Auf dem|Unter den|Zum|Zur|Beim|Hinter der|Vor dem) )?(?:${name} ){1,3}${notYear}\d{1,4}(?: ?[a-h]\b)?${longTail}`,
  }),
  form({
    hint: /(?:weg|platz|ring|damm|ufer|markt|hof|graben|berg|park|wall|pfad) ?\d[^\n]{0,12}\d{5}/,
    source: String.raw`[\p{L}-]{3,40}(?:weg|platz|ring|damm|ufer|markt|hof|graben|berg|park|wall|pfad)${house}${gap}\d{5}${end}(?: \p{L}[\p{L}-]{1,30})?`,
  }),
  form({
    hint: /Postfach/,
    source: String.raw`Postfach \d{1,3}(?: \d{1,3}){0,2}${end}(?:${tail})?`,
  }),
];
