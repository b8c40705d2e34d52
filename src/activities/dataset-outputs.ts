import { join } from 'node:path';
import type { DataRow } from '../domain/dataset/data-row.js';
import type { DeadLetter } from '../domain/dataset/dead-letter.js';
import type { DatasetPlan } from '../domain/dataset/plan.js';
import { createProductStatistics, productColumns } from '../domain/dataset/product-statistics.js';
import { chatExample, evaluationExample, questionOf, tableRow, teachesChat } from '../domain/dataset/render.js';
import type { Split } from '../domain/dataset/split.js';
import type { ChatTokenizer } from './base-tokenizers-port.js';
import type { AskedAs } from './dataset-asked.js';
import { createLineWriter, type LineWriter, type WrittenFile } from './dataset-files.js';
import { createTableWriter } from './dataset-table.js';

/** A file of a data set, ready to be copied into the store. */
export interface DatasetFile extends WrittenFile {
  file: string;
}

/** How many chats are longer than `data.maxTokens`, which the training cuts. */
export interface TokenCounts {
  limit: number;
  /** SHA-256 of the tokenizer they were counted with. */
  tokenizer: string;
  train: number;
  validation: number;
}

/** The files of a data set as they grow: what trains, what validates, the tables, and what was left out and why. */
export async function createOutputs({
  plan,
  asked,
  folder,
  tokenizer,
}: {
  plan: DatasetPlan;
  asked: AskedAs;
  folder: string;
  /** Null where nothing is to be counted or nothing can be. */
  tokenizer: ChatTokenizer | null;
}) {
  const { recipe, table } = plan;
  const at = (file: string): string => join(folder, file);
  const lines = (file: string): LineWriter => createLineWriter({ path: at(file) });
  const chats: Record<Split, LineWriter> = { train: lines('train.jsonl'), validation: lines('validation.jsonl') };
  const evaluation = lines('evaluation.jsonl');
  const letters = lines('dead-letters.jsonl');
  const rows = await createTableWriter({ path: at('rows.parquet'), columns: table });
  const limit = plan.data.maxTokens;
  const longer: Record<Split, number> = { train: 0, validation: 0 };
  const products = recipe.name === 'reviews' ? createProductStatistics() : null;

  const writeChat = async ({ row, split }: { row: Pick<DataRow, 'values'>; split: Split }): Promise<void> => {
    if (!teachesChat({ row, recipe })) return;
    const question = questionOf({ row, recipe });
    const chat = chatExample({ row, recipe, asked: await asked(question), template: plan.data.chatTemplate });
    if (chat === null) return;
    if (limit !== null && tokenizer?.isLonger({ chat, limit })) longer[split] += 1;
    await chats[split].write(JSON.stringify(chat));
  };

  return {
    /** A row that is published. */
    publish: async ({ row, cluster, split }: { row: DataRow; cluster: string; split: Split }): Promise<void> => {
      await rows.write(tableRow({ row, cluster, split }));
      await writeChat({ row, split });
      products?.see(row);
      const example = split === 'validation' ? evaluationExample({ row, recipe }) : null;
      if (example !== null) await evaluation.write(JSON.stringify(example));
    },
    /** An older row that only trains. */
    replay: (row: Pick<DataRow, 'values'>): Promise<void> => writeChat({ row, split: 'train' }),
    /** Chats over the limit so far; null where they were not counted. */
    tokens: (): TokenCounts | null =>
      limit === null || tokenizer === null ? null : { limit, tokenizer: tokenizer.sha256, ...longer },
    reject: (letter: DeadLetter): Promise<void> => letters.write(JSON.stringify(letter)),
    /** Completes all files, in the order in which the manifest names them. */
    close: async (): Promise<DatasetFile[]> => {
      const files: DatasetFile[] = [
        { file: 'train.jsonl', ...(await chats.train.close()) },
        { file: 'validation.jsonl', ...(await chats.validation.close()) },
        { file: 'evaluation.jsonl', ...(await evaluation.close()) },
        { file: 'rows.parquet', ...(await rows.close()) },
        { file: 'dead-letters.jsonl', ...(await letters.close()) },
      ];
      if (products === null) return files;
      const table = await createTableWriter({ path: at('products.parquet'), columns: productColumns });
      for (const product of products.rows()) await table.write(product);
      return [...files, { file: 'products.parquet', ...(await table.close()) }];
    },
  };
}

export type Outputs = Awaited<ReturnType<typeof createOutputs>>;
