/** A message that was carried out under its id, and what its sender was told. */
export interface AnsweredUpdate {
  id: string;
  answer: unknown;
}

const mostAnswers = 200;
/** Of all of them as JSON, in characters: they are carried on with the lifecycle's state, which has to stay small. */
const longestTogether = 16_000;

/** The answers that are remembered once `id` has got one: the newest, as many as there is room for. */
export function withAnswer({
  answered,
  ...newest
}: { answered: readonly AnsweredUpdate[] } & AnsweredUpdate): AnsweredUpdate[] {
  const kept = [newest];
  let length = JSON.stringify(newest).length;
  for (const one of [...answered].reverse()) {
    length += JSON.stringify(one).length;
    if (kept.length === mostAnswers || length > longestTogether) break;
    kept.unshift(one);
  }
  return kept;
}
