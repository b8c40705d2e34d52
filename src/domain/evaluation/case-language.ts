const code = /^[a-z]{2}(?=$|[-_])/i;

/** The language a case is in (ISO 639-1) by its tag `language`, such as `de` or `de-AT`; any other tag names none. */
export const caseLanguage = (tags: Readonly<Record<string, string>> | undefined): string | undefined =>
  code.exec(tags?.language ?? '')?.[0].toLowerCase();
