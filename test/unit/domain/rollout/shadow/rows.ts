import type { ObservedPair } from '../../../../../src/domain/rollout/shadow/observe-pair.js';
import type { ShadowRow } from '../../../../../src/domain/rollout/shadow/shadow-row.js';

const fine = {
  ...{ error: null, empty: false, refused: false, words: 10 },
  ...{ latencyMs: 200, promptTokens: 20, completionTokens: 12 },
};

/** A pair of a key of its own in which both did well, but for what is said. */
export const row = (
  index: number,
  change: Partial<Omit<ShadowRow, 'champion' | 'challenger'>> & {
    champion?: Partial<ShadowRow['champion']>;
    challenger?: Partial<ShadowRow['challenger']>;
  } = {},
): ShadowRow => ({
  ...{ id: `p${index}`, at: '2026-03-01T00:00:00.000Z', bucket: index, counted: true },
  ...{ similarity: 0.9, preference: null, preferenceReason: null },
  ...change,
  champion: { ...fine, ...change.champion },
  challenger: { ...fine, ...change.challenger },
});

export const rows = (count: number, change: (index: number) => Parameters<typeof row>[1] = () => ({})): ShadowRow[] =>
  Array.from({ length: count }, (_, index) => row(index, change(index)));

export const pair = (
  change: Partial<Omit<ObservedPair, 'champion'>> & { champion?: Partial<ObservedPair['champion']> } = {},
): ObservedPair => ({
  ...{ id: 'p', at: '2026-03-01T00:00:00.000Z', bucket: 1, request: { query: 'Where is my parcel?' } },
  challenger: { answer: 'It is in Oxford today.', latencyMs: 300, promptTokens: 20, completionTokens: 9 },
  ...change,
  champion: {
    ...{ answer: 'It is in Oxford.', latencyMs: 200, promptTokens: 20, completionTokens: 7 },
    ...change.champion,
  },
});
