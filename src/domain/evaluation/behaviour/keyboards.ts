/** Keys in their rows from left to right; each row starts half a key further right than the one above. */
const rows: Readonly<Record<string, readonly string[]>> = {
  qwerty: ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'],
  qwertz: ['qwertzuiopü', 'asdfghjklöä', 'yxcvbnm'],
  azerty: ['azertyuiop', 'qsdfghjklm', 'wxcvbn'],
};

const keyboardOf: Readonly<Partial<Record<string, string>>> = { de: 'qwertz', fr: 'azerty' };

function neighboursOn(keyboard: readonly string[]): Map<string, string> {
  const neighbours = new Map<string, string>();
  const at = (row: number, place: number): string => keyboard[row]?.[place] ?? '';
  for (const [row, keys] of keyboard.entries())
    for (const [place, key] of [...keys].entries())
      neighbours.set(
        key,
        at(row, place - 1) +
          at(row, place + 1) +
          at(row - 1, place) +
          at(row - 1, place + 1) +
          at(row + 1, place - 1) +
          at(row + 1, place),
      );
  return neighbours;
}

const neighbours = new Map(Object.entries(rows).map(([name, keyboard]) => [name, neighboursOn(keyboard)]));

/** The keys beside each letter on the keyboard most used for a language (ISO 639-1). */
export const keysBeside = (language: string | undefined): ReadonlyMap<string, string> =>
  neighbours.get(keyboardOf[language ?? 'en'] ?? 'qwerty')!;
