import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tokenizers from '@huggingface/tokenizers';

/** The package's own types leave the ends off the names of their files, which Node's resolution needs. */
const { Tokenizer } = tokenizers as unknown as {
  Tokenizer: new (tokenizer: object, config: object) => { encode(text: string): { ids: number[] } };
};

export interface WordPieces {
  /** The token ids of a text between the model's begin and end marks, cut to `limit`. */
  encode(input: { text: string; limit: number }): number[];
}

/** The tokenizer of a folder with `tokenizer.json` and `tokenizer_config.json`. */
export async function readWordPieces({ folder }: { folder: string }): Promise<WordPieces> {
  const [tokenizer, config] = await Promise.all(
    ['tokenizer.json', 'tokenizer_config.json'].map(
      async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as object,
    ),
  );
  const pieces = new Tokenizer(tokenizer!, config!);
  return {
    encode: ({ text, limit }) => {
      const { ids } = pieces.encode(text);
      return ids.length <= limit ? ids : [...ids.slice(0, limit - 1), ids.at(-1)!];
    },
  };
}
