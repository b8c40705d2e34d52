import { createHash } from 'node:crypto';

/** A number in [0, 1) that depends on nothing but the seed and what it is for. */
export function uniform({ seed, key }: { seed: number; key: string }): number {
  return createHash('sha256').update(`${seed}/${key}`).digest().readUIntBE(0, 6) / 2 ** 48;
}

/** One of `choices`, by their weights. */
export function pick<Choice>({
  seed,
  key,
  choices,
}: {
  seed: number;
  key: string;
  choices: readonly (readonly [choice: Choice, weight: number])[];
}): Choice {
  const whole = choices.reduce((sum, [, weight]) => sum + weight, 0);
  let left = uniform({ seed, key }) * whole;
  for (const [choice, weight] of choices) {
    left -= weight;
    if (left < 0) return choice;
  }
  return choices.at(-1)![0];
}
