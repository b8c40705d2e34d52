/**
 * By which rules a decision was made and its reasons given: 1 is version 0.1.0, and what is recorded without a number; 2
 * says of a failure what would change it, plans power with an estimated spread, and gates on every metric of a preset
 * that can be measured; 3 takes into account that clusters differ in size, 4 also where labels rectify and where power is
 * planned, reads gates on the point as such at every look, and names missing cases by the reason they share; 5 holds
 * summaries to what their retrieval finds, says what a p-value is against, and that more cases do not help what falls
 * short by itself. A recorded decision is repeated by its own rules, word for word.
 */
export const allRules = [1, 2, 3, 4, 5] as const;
export type Rules = (typeof allRules)[number];

/** What a new evaluation decides by. */
export const newestRules: Rules = 5;

/** The rules of a record, which names none where it is of version 0.1.0. */
export const rulesOf = ({ rules }: { rules?: Rules | undefined }): Rules => rules ?? 1;
