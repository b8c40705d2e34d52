import examples from 'libphonenumber-js/mobile/examples';
import { type CountryCode, getExampleNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { addresses } from './addresses.js';

/** A whole number in 0..limit-1. */
export type Draw = (limit: number) => number;
type Maker = (input: { language: string; draw: Draw }) => string;

const pick = <Item>({ items, draw }: { items: readonly Item[]; draw: Draw }): Item => items[draw(items.length)]!;
const digits = ({ count, draw }: { count: number; draw: Draw }): string =>
  Array.from({ length: count }, () => draw(10)).join('');
const filled = ({ form, draw }: { form: string; draw: Draw }): string => form.replace(/#/g, () => String(draw(10)));

const people: Readonly<Record<string, readonly string[]>> = {
  en: ['helen.marsh', 'tomw', 'j_okafor', 'Priya.Nair', 'bob+shop', 'kate.o.reilly', "d'arcy", 'x1979'],
  de: ['anna.schulze', 'j-weber', 'müller.karl', 'Bernd_Vogt', 'info', 'lea.k', 'a.b.c', 'familie.brandt'],
  fr: ['claire.dubois', 'jp_martin', 'élodie.roy', 'luc-antoine', 'contact', 'M.Leroy', 'nono75', 's.petit'],
  es: ['maria.lopez', 'jgarcia', 'begoña', 'Pedro_Ruiz', 'ventas', 'ana-belen', 'toni77', 'c.ortega'],
  it: ['giulia.rossi', 'm.bianchi', 'luca_77', 'Paolo.Conti', 'ufficio', 'nicolò', 'fra-ferri', 's.greco'],
  nl: ['sanne.devries', 'p.bakker', 'joost_k', 'Femke.Smit', 'administratie', 'r-jansen', 'anouk88', 'h.v.dijk'],
};
const hosts: readonly string[] = [
  'example.com',
  'mail.example.org',
  'example.co.uk',
  'kontor-nord.example',
  'web.example.de',
  'boîte.example.fr',
  'post.example.nl',
  'sub.dept.example.it',
  'x.example.es',
];

const email: Maker = ({ language, draw }) => {
  const person = pick({ items: people[language]!, draw });
  const host = pick({ items: hosts, draw });
  if (draw(12) === 0) return `${person} (at) ${host.replace(/\./g, ' (dot) ')}`;
  return `${person}${draw(3) === 0 ? digits({ count: 2, draw }) : ''}@${draw(10) === 0 ? host.toUpperCase() : host}`;
};

const countries: Readonly<Record<string, readonly CountryCode[]>> = {
  en: ['GB', 'US', 'IE', 'CA'],
  de: ['DE', 'AT', 'CH'],
  fr: ['FR', 'BE', 'CH'],
  es: ['ES', 'MX'],
  it: ['IT', 'CH'],
  nl: ['NL', 'BE'],
};
const landlines: Readonly<Record<string, readonly string[]>> = {
  en: ['020 7946 0###', '(202) 555-01##', '0113 496 0###', '312-555-01##', '+1 646 555 01##', '1-800-555-01##'],
  de: ['030 23125 ###', '(089) 99998 ###', '040/66969-###', '0221 4710 ###', '+49 (0)69 90009 ###', '0043 1 5333 ###'],
  fr: ['01 53 01 ## ##', '04.65.71.##.##', '+33 (0)2 61 91 ## ##', '05-36-49-##-##', '0033 1 53 01 ## ##'],
  es: ['91 123 45 ##', '932 45 67 ##', '+34 955 12 ## ##', '0034 91 123 4# ##'],
  it: ['06 5555 ####', '02 5551 ####', '+39 055 271 ####', '011-555-####', '0039 06 5555 ####'],
  nl: ['020-555 ####', '010 555 ####', '+31 (0)20 555 ####', '(030) 255 ####', '0031 20 555 ####'],
};

const mobile: Maker = ({ language, draw }) => {
  for (;;) {
    const country = pick({ items: countries[language]!, draw });
    const example = getExampleNumber(country, examples)!;
    const national = example.nationalNumber.slice(0, -4) + digits({ count: 4, draw });
    const number = parsePhoneNumberFromString(national, country);
    if (!number?.isValid()) continue;
    const isHome = country !== 'MX';
    switch (draw(isHome ? 6 : 3)) {
      case 0:
        return number.formatInternational();
      case 1:
        return number.number;
      case 2:
        return `00${number.number.slice(1)}`;
      case 3:
        return number.formatNational();
      case 4:
        return number.formatNational().replace(/ /g, '.').replace(/[()]/g, '');
      default:
        return number.formatNational().replace(/ /g, '-').replace(/[()]/g, '');
    }
  }
};

const phone: Maker = ({ language, draw }) =>
  draw(5) < 2 ? filled({ form: pick({ items: landlines[language]!, draw }), draw }) : mobile({ language, draw });

const issuers: readonly { prefix: string; length: number }[] = [
  { prefix: '4', length: 16 },
  { prefix: '53', length: 16 },
  { prefix: '2720', length: 16 },
  { prefix: '37', length: 15 },
  { prefix: '36', length: 14 },
  { prefix: '6011', length: 16 },
  { prefix: '6759', length: 16 },
];

const luhnDigit = (body: string): number => {
  const sum = [...body].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 2 : 1);
    return total + Math.floor(value / 10) + (value % 10);
  }, 0);
  return (10 - (sum % 10)) % 10;
};

const card: Maker = ({ draw }) => {
  const { prefix, length } = pick({ items: issuers, draw });
  const body = prefix + digits({ count: length - prefix.length - 1, draw });
  const number = body + String(luhnDigit(body));
  const separator = pick({ items: ['', ' ', '-', ' '], draw });
  const groups = length === 16 ? /^(.{4})(.{4})(.{4})(.+)$/ : /^(.{4})(.{6})(.+)$/;
  return number.replace(groups, (...all: string[]) => all.slice(1, length === 16 ? 5 : 4).join(separator));
};

const accounts: Readonly<Record<string, readonly string[]>> = {
  en: ['GB##MIDL##############', 'IE##AIBK##############'],
  de: ['DE####################', 'AT##################', 'CH##00###############'],
  fr: ['FR##20041##################', 'BE##############'],
  es: ['ES######################'],
  it: ['IT##X######################', 'SM##U######################'],
  nl: ['NL##ABNA##########', 'BE##############'],
};

const mod97 = (text: string): number =>
  Number(BigInt([...text].map((character) => Number.parseInt(character, 36)).join('')) % 97n);

const iban: Maker = ({ language, draw }) => {
  const form = pick({ items: accounts[language]!, draw });
  const country = form.slice(0, 2);
  const account = filled({ form: form.slice(4), draw });
  const check = String(98 - mod97(`${account}${country}00`)).padStart(2, '0');
  const compact = `${country}${check}${account}`;
  const written = draw(3) === 0 ? compact : compact.replace(/(.{4})(?=.)/g, '$1 ');
  return draw(8) === 0 ? written.toLowerCase() : written;
};

const hex = ({ draw }: { draw: Draw }): string => draw(65_536).toString(16);
const ip: Maker = ({ draw }) => {
  const last = `${1 + draw(254)}`;
  if (draw(3) > 0)
    return `${pick({ items: ['192.168', '10.0', '203.0', '84.17', '172.20'], draw })}.${draw(256)}.${last}`;
  const groups = ['2001', 'db8', hex({ draw }), hex({ draw })];
  if (draw(2) === 0) return `${groups.join(':')}::${last}`;
  return [...groups, hex({ draw }), hex({ draw }), hex({ draw }), last].join(':');
};

/** Makers of the values of each type; order and customer ids follow `ownPatterns`. */
export const makers: Readonly<Record<string, Maker>> = {
  EMAIL: email,
  PHONE: phone,
  CARD: card,
  IBAN: iban,
  IP: ip,
  ADDRESS: ({ language, draw }) => pick({ items: addresses[language]!, draw }),
  ORDER_ID: ({ draw }) => `ORD-${digits({ count: 6 + draw(3), draw })}`,
  CUSTOMER_ID: ({ draw }) => `${pick({ items: ['CU', 'KD'], draw })}${digits({ count: 6, draw })}`,
};

/** The settings that the labelled sets are redacted with. */
export const ownPatterns = [
  { type: 'ORDER_ID', pattern: '\\bORD-\\d{6,8}\\b' },
  { type: 'CUSTOMER_ID', pattern: '\\b(?:CU|KD)\\d{6}\\b' },
];
