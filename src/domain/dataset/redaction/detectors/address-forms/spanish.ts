import { type AddressForm, city, end, form, gap, noQuantity, notYear, writtenName } from './parts.js';

const street = String.raw`(?:[Cc]alle|[Cc]/|[Aa]venida|[Aa]vda\.?|Av\.|[Pp]laza|[Pp]za\.?|[Pp]aseo|P\.º|[Cc]amino|[Cc]arretera|[Cc]tra\.|[Rr]onda|[Tt]ravesía|[Gg]ran [Vv]ía|[Rr]ambla|[Gg]lorieta|[Cc]arrer|[Pp]asaje|[Uu]rbanización)`;
const link = String.raw`(?:de la|de las|de los|del|de|la|las|los|el|y|i|d['’])`;
const words = String.raw`(?: ?(?:${link} ){0,2}${writtenName}| (?:[XVI]+|\d{1,2}) de ${writtenName}){1,5}`;
const smallWords = String.raw`(?: ${link}){0,2} [a-záéíóúñü]{3,20}`;
const label = String.raw`(?:n\.?[º°]|núm\.?|número|num\.?|n\.) ?`;
const house = String.raw`\d{1,4}(?: ?[A-D]\b| bis)?${end}`;
const flat = String.raw`(?:,? (?:\d{1,2}[.ºª°]{1,2}(?: ?(?:[A-H]\b|izq\.?|izda\.?|dcha\.?|derecha|izquierda|\d[.ºª]{1,2}))?|piso \d{1,2}|puerta \w{1,3}|bajo(?: [A-H]\b)?|portal \w{1,2}|esc\. ?\w))*`;
const tail = String.raw`(?:${gap}\d{5} ${city})?`;

export const spanishForms: readonly AddressForm[] = [
  form({
    hint: /calle|c\/|avenida|avda|av\.|plaza|pza|paseo|p\.º|camino|carretera|ctra|ronda|travesía|gran vía|rambla|glorieta|carrer|pasaje|urbanización/i,
    source: String.raw`${street}(?:${words},? ?(?:${label})?${notYear}${house}|${smallWords}(?:, ?(?:${label})?| ${label})${house}|(?<=Vía),? ${house})${noQuantity}${flat}${tail}`,
  }),
  form({
    hint: /Apartado/i,
    source: String.raw`[Aa]partado (?:de [Cc]orreos )?\d{1,6}${end}${tail}`,
  }),
];
