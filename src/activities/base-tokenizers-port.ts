import type { Chat } from '../domain/dataset/render.js';

/** Counts the tokens of chats as a base model reads them. */
export interface ChatTokenizer {
  /** SHA-256 of the tokenizer's file. */
  sha256: string;
  /** Whether a chat has more than `limit` tokens: of its `text` where it has one, else in the base's own chat template. */
  isLonger(input: { chat: Chat; limit: number }): boolean;
}

/** The tokenizers of the base models that lie on this machine. */
export interface BaseTokenizers {
  /**
   * The tokenizer of a base by its id; null where it is not on this machine, or has no chat template.
   * @throws PortError `InvalidInput` for a file that can't be read as a tokenizer
   */
  open(input: { base: string }): Promise<ChatTokenizer | null>;
}
