const replacements: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text that may stand in an element or in a quoted attribute. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => replacements[character]!);

/** Markup that needs no escaping any more. Only `html` and `trusted` make it. */
export class Markup {
  constructor(readonly text: string) {}
}

type Inserted = Markup | string | number | null | readonly Inserted[];

const written = (value: Inserted): string => {
  if (value === null) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(written).join('');
  return escapeHtml(String(value));
};

/** A template whose inserted values are escaped, unless they are markup already. Null is nothing; lists are joined. */
export const html = (parts: TemplateStringsArray, ...values: Inserted[]): Markup =>
  new Markup(parts.reduce((text, part, index) => text + written(values[index - 1] ?? null) + part));

/** Markup made by a renderer that escapes by itself. */
export const trusted = (text: string): Markup => new Markup(text);
