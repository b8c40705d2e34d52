import type { Embedder, OpenEmbedder } from '../../../src/activities/embedder-port.js';

/** Embeds a text by how often it has each letter: texts of the same letters mean the same. Counts what it embeds. */
export function letterEmbedder(): { open: OpenEmbedder; embedded: string[]; opened: () => number } {
  const embedded: string[] = [];
  let opened = 0;
  const embedder: Embedder = {
    ...{ id: 'letters@1', dimension: 26, maximumTokens: 512 },
    embed: async ({ texts }) => {
      embedded.push(...texts);
      return texts.map((text) => {
        const counts = new Float32Array(26);
        for (const letter of text.toLowerCase().match(/[a-z]/g) ?? []) counts[letter.charCodeAt(0) - 97]! += 1;
        const length = Math.hypot(...counts) || 1;
        return counts.map((count) => count / length);
      });
    },
  };
  return {
    embedded,
    opened: () => opened,
    open: async () => {
      opened += 1;
      return embedder;
    },
  };
}
