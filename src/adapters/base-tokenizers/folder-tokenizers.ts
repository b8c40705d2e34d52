import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Template } from '@huggingface/jinja';
import * as tokenizers from '@huggingface/tokenizers';
import { z } from 'zod';
import type { BaseTokenizers, ChatTokenizer } from '../../activities/base-tokenizers-port.js';
import { PortError } from '../../activities/ports.js';
import { sha256Hex } from '../../domain/release/evidence.js';

/** The package's own types leave the ends off the names of their files, which Node's resolution needs. */
const { Tokenizer } = tokenizers as unknown as {
  Tokenizer: new (
    tokenizer: object,
    config: object,
  ) => { encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] } };
};

const specialToken = z
  .union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)])
  .nullish()
  .catch(null);

/** The part of `tokenizer_config.json` that chats are written with. */
const configSchema = z.looseObject({
  bos_token: specialToken,
  eos_token: specialToken,
  unk_token: specialToken,
  pad_token: specialToken,
  chat_template: z
    .union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))])
    .nullish()
    .catch(null),
});
type TokenizerConfig = z.infer<typeof configSchema>;

/** The part of `tokenizer.json` that says how many tokens a text can have at most. */
const bytesSchema = z.object({
  normalizer: z.null(),
  model: z.object({ type: z.literal('BPE') }),
  pre_tokenizer: z.unknown().refine((value) => {
    const written = JSON.stringify(value ?? null);
    return written.includes('"ByteLevel"') && !written.includes('"add_prefix_space":true');
  }),
});

const textOf = (path: string): Promise<string | null> =>
  readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });

/** The template a chat is written in, as transformers chooses it: the file of its own before the setting. */
async function templateOf({ folder, config }: { folder: string; config: TokenizerConfig }): Promise<string | null> {
  const own = await textOf(join(folder, 'chat_template.jinja'));
  const { chat_template: configured } = config;
  if (own !== null || !Array.isArray(configured)) return own ?? (configured as string | null | undefined) ?? null;
  return configured.find(({ name }) => name === 'default')?.template ?? null;
}

/**
 * Tokenizers from the folders of base models, read by Hugging Face's tokenizers.js: `tokenizer.json`, and the chat
 * template by its Jinja.
 */
export class FolderTokenizers implements BaseTokenizers {
  readonly #folders: Readonly<Record<string, string>>;

  /** @param folders of base models by their id */
  constructor({ folders }: { folders: Readonly<Record<string, string>> }) {
    this.#folders = folders;
  }

  async open({ base }: { base: string }): Promise<ChatTokenizer | null> {
    const folder = Object.hasOwn(this.#folders, base) ? this.#folders[base]! : null;
    if (folder === null) return null;
    const file = await textOf(join(folder, 'tokenizer.json'));
    if (file === null) return null;
    try {
      const config = configSchema.parse(JSON.parse((await textOf(join(folder, 'tokenizer_config.json'))) ?? '{}'));
      const template = await templateOf({ folder, config });
      return template === null ? null : chatTokenizer({ file, config, template });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new PortError('InvalidInput', `${folder}: the tokenizer of ${base} can't be read (${why}); copy it again`);
    }
  }
}

function chatTokenizer({
  file,
  config,
  template,
}: {
  file: string;
  config: TokenizerConfig;
  template: string;
}): ChatTokenizer {
  const document: unknown = JSON.parse(file);
  const tokenizer = new Tokenizer(document as object, config);
  const chatTemplate = new Template(template);
  const { bos_token, eos_token, unk_token, pad_token } = config;
  const special = { bos_token, eos_token, unk_token, pad_token };
  // Each token of a byte-level vocabulary holds a byte at least, so that most chats need no counting.
  const holdsBytes = bytesSchema.safeParse(document).success;
  return {
    sha256: sha256Hex(file),
    isLonger: ({ chat: { messages, text }, limit }) => {
      const written = text ?? chatTemplate.render({ messages, ...special, add_generation_prompt: false });
      if (holdsBytes && Buffer.byteLength(written) <= limit) return false;
      return tokenizer.encode(written, { add_special_tokens: false }).ids.length > limit;
    },
  };
}
