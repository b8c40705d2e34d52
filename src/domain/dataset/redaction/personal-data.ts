/** Types found without any setting; patterns of the spec add their own. */
export const builtInTypes = ['EMAIL', 'PHONE', 'CARD', 'IBAN', 'IP', 'ADDRESS'] as const;
export type BuiltInType = (typeof builtInTypes)[number];

/** Where a type of personal data stands: UTF-16 positions, `end` not included. */
export interface Span {
  type: string;
  start: number;
  end: number;
}

/** One replaced value of a document. It says where the value stood, never what it was. */
export interface PersonalData extends Span {
  /** Which of the document's texts. */
  text: number;
  /** What stands there now, such as `[EMAIL_1]`; the same value has the same placeholder within a document. */
  placeholder: string;
}

/** An own kind of identifier, such as order ids: its type in capitals and a regular expression in RE2 syntax. */
export interface RedactionPattern {
  type: string;
  pattern: string;
}

export interface Redactor {
  /** Replaces the personal data of one document's texts; doing it again changes nothing. */
  redact(document: { texts: readonly string[] }): { texts: string[]; found: PersonalData[] };
}
