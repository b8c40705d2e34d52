/**
 * A name as it is compared: "Ann ", "ann" and "ANN" are one person, however many spaces and forms of a letter they use, and
 * whatever characters nobody can see.
 */
const comparable = (name: string): string =>
  name
    .normalize('NFKC')
    .replace(/\s+/g, ' ')
    .replace(/[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}]/gu, '')
    .trim()
    .toLowerCase();

/** Whether two names are the same person's, so that nobody counts twice by writing theirs differently. */
export const samePerson = (one: string, other: string): boolean => comparable(one) === comparable(other);
