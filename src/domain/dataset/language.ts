import type { RowFilter } from './row-filters.js';

/**
 * Leaves out rows that declare a language which is not allowed. Rows that declare none pass: nothing is detected here.
 * "pt-BR" counts as "pt".
 */
export const allowedLanguages =
  (languages: readonly string[]): RowFilter =>
  ({ ticket }) => {
    const declared = ticket.language?.split(/[-_]/)[0];
    if (declared === undefined || languages.includes(declared)) return null;
    const detail = `language "${ticket.language}": expected one of ${languages.join(', ')} (data.languages)`;
    return { reason: 'language', column: 'language', detail };
  };
